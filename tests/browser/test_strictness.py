"""The page's Content-Security-Policy holds in a real browser: nothing that is slipped in runs."""

import pytest
from browsing import Console, OpenAlone
from playwright.sync_api import Page, expect
from running import until
from states import unfold

TRY = """async (what) => {
    window.owned = false;
    const attempts = {
        "an inline script": () => {
            const script = document.createElement("script");
            script.textContent = "window.owned = true";
            document.body.append(script);
        },
        "a handler in markup": () => {
            const range = document.createRange();
            const markup = "<img src='/static/nothing.png' onerror='window.owned = true'>";
            document.body.append(range.createContextualFragment(markup));
        },
        "a script from elsewhere": () => {
            const script = document.createElement("script");
            script.src = "http://127.0.0.1:9/evil.js";
            document.body.append(script);
        },
        "a link with code": () => {
            const link = document.createElement("a");
            link.href = "javascript:window.owned = true";
            document.body.append(link);
            link.click();
        },
        "an inline style": () => {
            const style = document.createElement("style");
            style.textContent = "body { --owned: yes }";
            document.head.append(style);
        },
        "a style in markup": () => {
            const range = document.createRange();
            document.body.append(range.createContextualFragment("<p style='color: red'>x</p>"));
        },
        "a frame": () => {
            const frame = document.createElement("iframe");
            frame.src = "data:text/html,<script>parent.owned = true</script>";
            document.body.append(frame);
        },
        "another base": () => {
            const base = document.createElement("base");
            base.href = "http://127.0.0.1:9/";
            document.head.append(base);
        },
        "a call to elsewhere": () => fetch("http://127.0.0.1:9/").catch(() => {}),
    };
    const seen = [];
    const violated = new Promise((done) => {
        document.addEventListener("securitypolicyviolation", (event) => {
            seen.push(event.effectiveDirective);
            done();
        });
        setTimeout(done, 5000);
    });
    await attempts[what]();
    await violated;
    return {
        seen, owned: window.owned, base: document.baseURI,
        style: getComputedStyle(document.body).getPropertyValue("--owned"),
    };
}"""


@pytest.mark.parametrize(
    ("what", "directive"),
    [
        ("an inline script", "script-src-elem"),
        ("a handler in markup", "script-src-attr"),
        ("a script from elsewhere", "script-src-elem"),
        ("a link with code", "script-src-elem"),
        ("an inline style", "style-src-elem"),
        ("a style in markup", "style-src-attr"),
        ("a frame", "frame-src"),
        ("another base", "base-uri"),
        ("a call to elsewhere", "connect-src"),
    ],
)
def test_what_is_slipped_in_does_not_run(
    open_alone: OpenAlone, console: Console, what: str, directive: str
) -> None:
    console.expect("Content Security Policy")
    page = open_alone()
    said = page.evaluate(TRY, what)
    assert directive in said["seen"]
    assert said["owned"] is False
    assert said["style"] == ""
    assert "127.0.0.1:9/" not in said["base"]


def test_no_text_is_run_as_code(open_alone: OpenAlone, console: Console) -> None:
    """By a script of the page's own: what Playwright runs stands outside the policy."""
    console.expect("Content Security Policy")
    page = open_alone(
        before="""
        addEventListener("p2p-try", () => {
            const ran = [];
            try { eval("1"); ran.push("eval"); } catch { /* forbidden */ }
            try { new Function("return 1")(); ran.push("Function"); } catch { /* forbidden */ }
            window.ran = ran;
        });"""
    )
    page.evaluate("() => { setTimeout(() => dispatchEvent(new Event('p2p-try')), 0); }")
    until(lambda: page.evaluate("() => window.ran !== undefined"), "it was tried")
    assert page.evaluate("() => window.ran") == []


def test_the_page_itself_breaks_no_rule_in_any_state(page: Page) -> None:
    """`conftest` fails for each complaint of the console; this walks through the page."""
    page.locator(".node-row").first.click()
    expect(page.locator(".panel-name")).to_be_visible()
    unfold(page)
    page.keyboard.press("s")
    page.keyboard.press("Escape")
    page.locator("#display").click()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
