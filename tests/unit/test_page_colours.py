"""The page's colours can be read, and told apart by colour-blind eyes: measured in tokens.css.

Contrast is that of WCAG 2.2: (L1 + 0.05) / (L2 + 0.05), with the relative luminance of sRGB.

Colour blindness is simulated after Machado, Oliveira and Fernandes (2009), "A
physiologically-based model for simulation of color vision deficiency", at full severity: a
matrix over linear RGB. Two colours differ by the Euclidean distance in CIE L*a*b* (D65), CIE76:
about 2.3 is just noticeable, so five times that is told apart at a glance. Shapes tell the same
(static/js/glyph.js, static/js/panel/shapes.js), so no fact hangs on this alone.
"""

import math
import re
from collections.abc import Iterable
from itertools import combinations
from pathlib import Path

import pytest

CSS = Path(__file__).parents[2] / "static" / "css" / "tokens.css"
THEMES = {
    "light": (':root[data-theme="light"]', 4.5),
    "dark": (':root[data-theme="dark"]', 4.5),
    "light, high contrast": (':root[data-contrast="more"][data-theme="light"]', 7.0),
    "dark, high contrast": (':root[data-contrast="more"][data-theme="dark"]', 7.0),
}
GROUNDS = ("ground", "surface", "surface-raised", "accent-soft")
"""What texts stand on; `accent-soft` is under what is chosen."""
TEXTS = (
    *("text", "text-soft", "accent"),
    *("alive", "suspect", "dead", "left", "plain", "failed", "waiting", "message", "broadcast"),
    "critical",
)
SIGNS = ("alive", "suspect", "dead", "left", "plain", "message", "broadcast", "failed", "waiting")
"""What is drawn on the stage: 3 to 1 (WCAG 1.4.11)."""
TOLD_APART = (
    ("alive", "suspect", "dead", "left", "plain"),
    ("message", "broadcast", "failed", "waiting"),
)
DISTANCE = 11.0
"""Five times a just noticeable difference, about."""
EYES = {
    "every colour": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
Rgb = tuple[float, float, float]
Tokens = dict[str, str]


def tokens(theme: str) -> Tokens:
    """The colours of one theme, by name."""
    source = re.sub(r"/\*.*?\*/", "", CSS.read_text(encoding="utf-8"), flags=re.DOTALL)
    selector, _ = THEMES[theme]
    for selectors, body in re.findall(r"([^{}]+)\{([^{}]*)\}", source):
        if selector in [" ".join(one.split()) for one in selectors.split(",")]:
            return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6});", body))
    raise AssertionError(f"tokens.css has no {selector}")


def linear(colour: str) -> Rgb:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))

    def of(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    return of(red), of(green), of(blue)


def contrast(one: str, other: str) -> float:
    def luminance(colour: str) -> float:
        red, green, blue = linear(colour)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def seen(colour: str, eyes: str) -> Rgb:
    """As those eyes see it."""
    rgb = linear(colour)
    red, green, blue = (
        min(1.0, max(0.0, sum(part * of for part, of in zip(row, rgb, strict=True))))
        for row in EYES[eyes]
    )
    return red, green, blue


def lab(rgb: Rgb) -> Rgb:
    """CIE L*a*b* under D65."""
    red, green, blue = rgb
    x = (0.4124564 * red + 0.3575761 * green + 0.1804375 * blue) / 0.95047
    y = 0.2126729 * red + 0.7151522 * green + 0.0721750 * blue
    z = (0.0193339 * red + 0.1191920 * green + 0.9503041 * blue) / 1.08883

    def f(t: float) -> float:
        return t ** (1 / 3) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116

    return 116 * f(y) - 16, 500 * (f(x) - f(y)), 200 * (f(y) - f(z))


def too_low(found: Iterable[tuple[str, str, float]], least: float) -> list[str]:
    return [f"{one} on {other}: {value:.2f}" for one, other, value in found if value < least]


@pytest.mark.parametrize("theme", THEMES)
def test_every_text_can_be_read_on_every_ground(theme: str) -> None:
    of = tokens(theme)
    pairs = [(text, ground) for text in TEXTS for ground in GROUNDS]
    pairs += [("on-accent", "accent"), ("on-waiting", "waiting"), ("label", "stage")]
    found = [(text, ground, contrast(of[text], of[ground])) for text, ground in pairs]
    assert too_low(found, THEMES[theme][1]) == []


@pytest.mark.parametrize("theme", THEMES)
def test_every_sign_stands_out_from_the_stage_and_every_field_from_its_ground(theme: str) -> None:
    of = tokens(theme)
    pairs = [(sign, "stage") for sign in SIGNS]
    pairs += [("link", "stage")]  # of a crowd less: then they are drawn fainter
    pairs += [("rule-field", "surface"), ("focus", "surface"), ("focus", "ground")]
    if "high" in theme:  # the faint ones, too
        pairs += [("rule", "surface"), ("rule-strong", "surface"), ("knows", "stage")]
    assert too_low([(a, b, contrast(of[a], of[b])) for a, b in pairs], 3.0) == []


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("eyes", EYES)
def test_states_and_messages_differ_for_all_eyes(theme: str, eyes: str) -> None:
    of = tokens(theme)
    near = []
    for group in TOLD_APART:
        for one, other in combinations(group, 2):
            far = math.dist(lab(seen(of[one], eyes)), lab(seen(of[other], eyes)))
            if far < DISTANCE:
                near.append(f"{one} and {other}: {far:.1f}")
    assert near == []


def test_every_theme_has_every_colour() -> None:
    names = set(tokens("light"))
    assert len(names) > 30
    for theme in THEMES:
        assert set(tokens(theme)) == names, theme


def test_the_formulas_are_those_of_the_books() -> None:
    """Known values: WCAG's black on white, and L*a*b* of sRGB's red [Lindbloom]."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert lab(linear("#ff0000")) == pytest.approx((53.24, 80.09, 67.20), abs=0.05)
    # Red and green of one lightness are nearly one to who sees no red.
    near = math.dist(lab(seen("#b45a5a", "protanopia")), lab(seen("#767632", "protanopia")))
    far = math.dist(lab(linear("#b45a5a")), lab(linear("#767632")))
    assert near < far * 2 / 3
