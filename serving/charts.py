"""Charts as inline SVG, each with its numbers in a table and a sentence in place of the picture.

Nothing is told by colour alone: a series has its own dash and mark, and every value is also text.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log
from textwrap import wrap

from markupsafe import Markup

from serving.svg import ACCENT, HAIR, INK, SOFT, WIDTH, picture, steps, tag

DASHES = ("none", "7 4", "2 3", "10 3 2 3", "1 5", "5 2")
ROW, LEGEND, LINE = 46, 22, 17
WIDE = 8.4  # of a letter in a widely drawn font, so that a label is broken before it meets its figure
BAR = 14
FULL, HOLLOW = (
    {"fill": ACCENT},
    {"fill": "#fff", "stroke": INK, "stroke_width": "1.2", "stroke_dasharray": "3 2"},
)
EDGE, LEFT, RIGHT, TOP, BOTTOM = 8, 46, 14, 12, 44
SMALL = {"font_size": "12", "fill": SOFT}
ARROW = 9
FEWEST_LETTERS = 12  # of a line of a label
THICK = {"stroke_width": "2.5"}
HALO = {
    "stroke": "#fff",
    "stroke_width": "4",
    "paint_order": "stroke",
}  # keeps words clear of the scale's lines
Place = Callable[[float], float]


@dataclass(frozen=True)
class Chart:
    """A picture, what it shows in words, and its numbers.

    Attributes
    ----------
    title : str
        What the chart answers.
    description : str
        Read out in place of the picture.
    svg : Markup
    header : tuple of str
    rows : list of tuple of str
        The numbers; the first column names the row.
    """

    title: str
    description: str
    svg: Markup
    header: tuple[str, ...]
    rows: list[tuple[str, ...]]


@dataclass(frozen=True)
class Mark:
    """One value with its interval; `low` and `high` are None where it cannot be told."""

    label: str
    value: float | None
    low: float | None
    high: float | None
    text: str
    is_ours: bool = False


@dataclass(frozen=True)
class Series:
    """One line: points of (x, y), and a band of (low, high) where there is one."""

    label: str
    points: Sequence[tuple[float, float]]
    band: Sequence[tuple[float, float]] = ()


def marks(
    marked: Sequence[Mark], is_share: bool = True, beside: float | None = None, is_ratio: bool = False
) -> tuple[list[Markup], float]:
    """Rows of a dot with its interval above a common scale; returns the parts and their height.

    A dashed line stands at `beside`, the value that rows are read against, where there is one. The scale takes in 0; of
    ratios it is logarithmic about 1, so that half and twice lie alike, and what lies beyond it ends in an arrow.
    """
    values = [end for mark in marked for end in (mark.low, mark.value, mark.high) if end is not None]
    if is_ratio:
        ticks = ratio_steps([mark.value for mark in marked if mark.value])
    else:
        ticks = steps(min([*values, 0.0]), max([*values, beside or 0.0]) or 1.0)
    labels = [broken(mark) for mark in marked]
    heights = [ROW + LINE * (len(lines) - 1) for lines in labels]
    bottom = sum(heights) + 4

    def place_of(value: float) -> float:
        return log(max(value, 1e-9)) if is_ratio else value

    first, last = place_of(ticks[0]), place_of(ticks[-1])

    def x(value: float) -> float:
        share = (place_of(value) - first) / (last - first)
        return EDGE + min(max(share, 0.0), 1.0) * (WIDTH - RIGHT - EDGE)

    parts = [tag("line", x1=x(tick), x2=x(tick), y1=4, y2=bottom, stroke=HAIR) for tick in ticks]
    if beside is not None:
        line = {"stroke": ACCENT, "stroke_dasharray": "5 3", "stroke_width": "1.5"}
        parts.append(tag("line", x1=x(beside), x2=x(beside), y1=4, y2=bottom, **line))
    parts += [
        tag(
            "text", _tick(tick, is_share), x=x(tick), y=bottom + 18, text_anchor=_anchor(tick, ticks), **SMALL
        )
        for tick in ticks
    ]
    under = 0
    for mark, lines, height in zip(marked, labels, heights, strict=True):
        text, dot = under + 20, under + height - 12
        under += height
        weight, colour = ("700", ACCENT) if mark.is_ours else ("400", INK)
        parts += [
            tag("text", words, x=EDGE, y=text + LINE * number, font_weight=weight, **HALO)
            for number, words in enumerate(lines)
        ]
        parts.append(
            tag("text", mark.text, x=WIDTH - RIGHT, y=text, text_anchor="end", font_weight=weight, **HALO)
        )
        if mark.low is not None and mark.high is not None:
            parts.append(tag("line", x1=x(mark.low), x2=x(mark.high), y1=dot, y2=dot, stroke=colour, **THICK))
            for end, tip, way in ((mark.low, ticks[0], 1), (mark.high, ticks[-1], -1)):
                if way * (tip - end) > 0:  # it goes on beyond the scale
                    at = x(tip)
                    corners = (
                        f"{at:.1f},{dot} {at + way * ARROW:.1f},{dot - 5} {at + way * ARROW:.1f},{dot + 5}"
                    )
                    parts.append(tag("polygon", points=corners, fill=colour))
        if mark.value is not None and ticks[0] <= mark.value <= ticks[-1]:
            fill = colour if mark.is_ours else "#fff"
            parts.append(tag("circle", cx=x(mark.value), cy=dot, r="5.5", fill=fill, stroke=colour, **THICK))
    return parts, bottom + 26


def broken(mark: Mark) -> list[str]:
    """A label in as many lines as it takes to keep clear of its figure, which stands on the first."""
    room = (WIDTH - EDGE - RIGHT) / WIDE - len(mark.text) - 2
    return wrap(mark.label, max(int(room), FEWEST_LETTERS)) or [""]


def interval_chart(
    title: str,
    description: str,
    marked: Sequence[Mark],
    header: tuple[str, ...],
    rows: list[tuple[str, ...]],
    is_share: bool = True,
    beside: float | None = None,
    is_ratio: bool = False,
) -> Chart:
    """Figures with their intervals, one below the other; ours is filled, the others hollow. Without any, no picture."""
    if not any(mark.value is not None for mark in marked):
        return Chart(title, description, Markup(""), header, rows)
    parts, height = marks(marked, is_share, beside, is_ratio)
    return Chart(title, description, picture(parts, height, title, description), header, rows)


@dataclass(frozen=True)
class Bar:
    """One share as a bar, and that of an earlier day below it; None where it may not be shown, or there is none."""

    label: str
    now: float | None
    before: float | None


def bar_chart(
    title: str, description: str, bars: Sequence[Bar], called: tuple[str, str], header: tuple[str, ...], rows: list[tuple[str, ...]]
) -> Chart:  # fmt: skip
    """Shares as bars from 0 on one scale; without one that may be shown there is no picture, and the numbers stand alone.

    Parameters
    ----------
    called : (str, str)
        What the bar is of, and what the hollow one below it is of; "" where there is no earlier day.
    """
    values = [value for bar in bars for value in (bar.now, bar.before) if value is not None]
    if not values:
        return Chart(title, description, Markup(""), header, rows)
    has_before = bool(called[1])
    ticks = steps(0.0, max(*values, 0.01))
    row = 22 + BAR * (2 if has_before else 1) + 10
    top = TOP + (LEGEND if has_before else 0)
    bottom = top + row * len(bars)

    def x(value: float) -> float:
        return EDGE + value / ticks[-1] * (WIDTH - RIGHT - EDGE)

    parts = [tag("line", x1=x(tick), x2=x(tick), y1=top, y2=bottom, stroke=HAIR) for tick in ticks]
    parts += [
        tag("text", _tick(tick, True), x=x(tick), y=bottom + 18, text_anchor=_anchor(tick, ticks), **SMALL)
        for tick in ticks
    ]
    if has_before:
        for place, (name, look) in enumerate(zip(called, (FULL, HOLLOW), strict=True)):
            parts.append(tag("rect", x=EDGE + place * 120, y=4, width=18, height=10, **look))
            parts.append(tag("text", name, x=EDGE + place * 120 + 24, y=14, **SMALL))
    for place, bar in enumerate(bars):
        y = top + place * row + 16
        parts.append(tag("text", bar.label, x=EDGE, y=y, **HALO))
        for line, (value, look) in enumerate(((bar.now, FULL), (bar.before, HOLLOW))):
            if value is not None:
                parts.append(
                    tag(
                        "rect",
                        x=EDGE,
                        y=y + 5 + line * BAR,
                        width=max(x(value) - EDGE, 1.5),
                        height=BAR - 3,
                        **look,
                    )
                )
    return Chart(title, description, picture(parts, bottom + 26, title, description), header, rows)


def line_chart(
    title: str,
    description: str,
    series: Sequence[Series],
    axes: tuple[str, str],
    header: tuple[str, ...],
    rows: list[tuple[str, ...]],
    bounds: tuple[float, float] | None = None,
    is_share: tuple[bool, bool] = (False, True),
) -> Chart:
    """Lines over a number, with bands where there are any; what lies outside `bounds` is cut off.

    Without a point there is no picture, and the numbers stand alone.

    Parameters
    ----------
    series : sequence of Series
        The first is ours.
    axes : tuple of str
        What lies across and what lies up.
    bounds : tuple of float or None
        Of what lies up; None takes in every value, and 0.
    is_share : tuple of bool
        Whether each axis is written in percent.
    """
    series = [one for one in series if one.points]
    if not series:
        return Chart(title, description, Markup(""), header, rows)
    ys = [pair[1] for one in series for pair in (*one.points, *one.band)]
    ys += [edge for one in series for edge, _ in one.band]
    low, high = bounds or (min(0.0, *ys), max(ys))
    high = high if high > low else low + 1.0
    across, up = steps(0.0, max(x for one in series for x, _ in one.points) or 1.0), steps(low, high)
    top = TOP + LEGEND * len(series) + 22
    foot, inside = top + 250, {"clip_path": f"url(#{_name(title)})"}

    def x(value: float) -> float:
        return LEFT + value / across[-1] * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        return foot - (value - up[0]) / (up[-1] - up[0]) * (foot - top)

    frame = tag("rect", x=LEFT - 4, y=top - 4, width=WIDTH - LEFT + 4, height=foot - top + 8)
    parts = [tag("clipPath", frame, id=_name(title))]
    for tick in up:
        parts.append(
            tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y(tick), y2=y(tick), stroke=HAIR if tick else INK)
        )
        parts.append(
            tag("text", _tick(tick, is_share[1]), x=LEFT - 6, y=y(tick) + 4, text_anchor="end", **SMALL)
        )
    for tick in across:
        anchor = "end" if tick == across[-1] else "middle"
        parts.append(
            tag("text", _tick(tick, is_share[0]), x=x(tick), y=foot + 18, text_anchor=anchor, **SMALL)
        )
    parts.append(tag("text", axes[0], x=WIDTH - RIGHT, y=foot + 38, text_anchor="end", **SMALL))
    parts.append(tag("text", axes[1], x=2, y=top - 10, **SMALL))
    for place, one in enumerate(series):
        line = {
            "stroke": ACCENT if place == 0 else INK,
            "stroke_dasharray": DASHES[place % len(DASHES)],
            **THICK,
        }
        if one.band:
            edge = [(at, upper) for (at, _), (_, upper) in zip(one.points, one.band, strict=True)]
            edge += [(at, lower) for (at, _), (lower, _) in zip(one.points, one.band, strict=True)][::-1]
            parts.append(
                tag("polygon", points=_path(edge, x, y), fill=line["stroke"], fill_opacity="0.14", **inside)
            )
        parts.append(tag("polyline", points=_path(one.points, x, y), fill="none", **line, **inside))
        parts += [
            tag("circle", cx=x(at), cy=y(value), r="3", fill=line["stroke"], **inside)
            for at, value in one.points
        ]
        level = TOP + LEGEND * place
        parts.append(tag("line", x1=2, x2=40, y1=level + 2, y2=level + 2, **line))
        parts.append(tag("text", one.label, x=LEFT + 2, y=level + 7))
    return Chart(title, description, picture(parts, foot + BOTTOM, title, description), header, rows)


def ratio_steps(values: Sequence[float]) -> list[float]:
    """Ticks of a logarithmic scale that takes in every ratio that is drawn, at least 1/2 to 2 and at most 1/8 to 8."""
    furthest = max([2.0, *(max(value, 1 / value) for value in values)])
    whole = min(int(log(furthest, 2) + 0.999), 3)
    return [2.0**power for power in range(-whole, whole + 1)]


def _anchor(tick: float, ticks: Sequence[float]) -> str:
    return "start" if tick == ticks[0] else "end" if tick == ticks[-1] else "middle"


def _name(title: str) -> str:
    return "inside-" + "".join(letter if letter.isalnum() else "-" for letter in title.lower())


def _tick(value: float, is_share: bool) -> str:
    return f"{100 * value:g}%".replace("-", "−") if is_share else f"{value:,g}".replace("-", "−")


def _path(points: Sequence[tuple[float, float]], x: Place, y: Place) -> str:
    return " ".join(f"{x(at):.1f},{y(value):.1f}" for at, value in points)
