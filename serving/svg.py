"""The few SVG elements that charts are drawn with; everything in them is escaped."""

from collections.abc import Sequence
from math import ceil, floor, log10

from markupsafe import Markup, escape

WIDTH = 440
INK, SOFT, ACCENT, HAIR = "#1c1d1f", "#4d5157", "#0b4a82", "#c9ccd1"


def tag(name: str, content: str | Markup = "", **attributes: object) -> Markup:
    """One SVG element; underscores of attribute names become hyphens, everything is escaped."""
    listed = Markup("").join(
        Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), _short(value))
        for key, value in attributes.items()
    )
    return Markup("<{0}{1}>{2}</{0}>").format(Markup(name), listed, content)


def _short(value: object) -> object:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else value


def picture(parts: Sequence[Markup], height: float, title: str, description: str) -> Markup:
    label = escape(f"{title}. {description}")
    return tag(
        "svg", Markup("\n").join(parts), viewBox=f"0 0 {WIDTH} {height:.0f}", role="img", aria_label=label, font_size="14",
        font_family="Segoe UI, Helvetica Neue, Noto Sans, Liberation Sans, Arial, sans-serif", fill=INK,
    )  # fmt: skip


def steps(low: float, high: float, most: int = 6) -> list[float]:
    """Round values from at or below `low` to at or above `high`, at most about `most` of them."""
    span = (high - low) or 1.0
    rough = span / (most - 1)
    size = 10 ** floor(log10(rough))
    step = next(size * times for times in (1, 2, 2.5, 5, 10) if size * times >= rough * 0.999)
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    return [round(number * step, 10) for number in range(first, last + 1)]
