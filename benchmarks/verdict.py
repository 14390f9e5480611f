"""A measured figure beside its yardstick, and whether it clears the bar."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. Bars are on the ratio where there is a yardstick."""

    name: str
    ours: float
    yardstick: float | None
    unit: str
    at_least: float | None = None
    at_most: float | None = None
    of: str = "sample"
    """What the yardstick is."""

    @property
    def ratio(self) -> float | None:
        """Ours against the yardstick."""
        return self.ours / self.yardstick if self.yardstick else None

    @property
    def passed(self) -> bool:
        """Whether it clears its bar; true where it has none."""
        value = self.ours if self.ratio is None else self.ratio
        return (self.at_least is None or value >= self.at_least) and (
            self.at_most is None or value <= self.at_most
        )

    def line(self) -> str:
        """The figure for people."""
        shown = f"{self.name:<46} {_short(self.ours)}{self.unit}"
        if self.ratio is not None and self.yardstick is not None:
            shown += f"  {self.of} {_short(self.yardstick)}{self.unit}, ratio {self.ratio:.2f}"
        if self.at_least is not None or self.at_most is not None:
            bar = f"≥ {self.at_least}" if self.at_least is not None else f"≤ {self.at_most}"
            shown += f"  bar {bar}: {'passed' if self.passed else 'MISSED'}"
        return shown


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
