"""The strip of weeks on a card and a row: a small picture of facts, its sentences in its place for who cannot see it.

One path a child, drawn in one ink: nothing in it judges. A column is as high as the share of the week's sessions that the child came
to; a dash at half height runs over weeks of which no register is known; a mark below the line is a suspension or permanent
exclusion begun. Half-terms stand apart.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby

import pandas as pd
from markupsafe import Markup

from features.as_of import AsOf
from features.calendar import Calendar, HalfTerm
from features.records.authority import Authority
from features.weeks import Week, school_weeks
from serving.wording import day

FULL, DEEP = 10, 14  # heights of a week with every session attended, and of the whole strip
A_WEEK = 10  # sessions
NOTHING = (0, 0, 0)


@dataclass(frozen=True)
class Weeks:
    """The school weeks that strips of one as-of date show, from left to right.

    Attributes
    ----------
    weeks : tuple of Week
    at : tuple of int
        Where each begins; a gap of one stands between half-terms.
    """

    weeks: tuple[Week, ...]
    at: tuple[int, ...]

    @classmethod
    def of(cls, authority: Authority, as_of: date) -> "Weeks":
        """Of an authority's calendar; none where it has no school day before the date."""
        weeks = school_weeks(AsOf(as_of, Calendar.of(authority)))
        halves = [week.half_term for week in weeks]
        changes = [now != before for before, now in zip(halves[:1] + halves, halves, strict=False)]
        return cls(weeks, tuple(number + sum(changes[: number + 1]) for number in range(len(weeks))))

    @property
    def width(self) -> int:
        return self.at[-1] + 1 if self.at else 0

    @property
    def box(self) -> str:
        """`viewBox` of every strip."""
        return f"0 0 {self.width} {DEEP}"

    @property
    def half_terms(self) -> list[str]:
        """Their half-terms in words, in order."""
        return [half_term_words(half) for half, _ in groupby(week.half_term for week in self.weeks)]

    @property
    def span(self) -> str:
        """The first week and the last, in words."""
        first, last = self.weeks[0].monday, self.weeks[-1].monday
        return f"from the week of {day(first)} to that of {day(last)}"

    @cached_property
    def lines(self) -> Markup:
        """The line below each half-term, alike for all children: drawn once a page."""
        parts = []
        for _, here in groupby(range(len(self.at)), key=lambda number: self.weeks[number].half_term):
            first, *rest = [self.at[number] for number in here]
            parts.append(f"M{first} {FULL}h{len(rest) + 1}v.4h-{len(rest) + 1}z")
        return Markup("").join(parts)


@dataclass(frozen=True)
class Strip:
    """One child's strip.

    Attributes
    ----------
    number : int
        Tells it from the others of its date, shorter than a pupil's.
    weeks : Weeks
    counts : tuple of tuple of int
        Possible and missed sessions and suspensions begun, a week each; possible is 0 where no register is known.
    """

    number: int
    weeks: Weeks
    counts: tuple[tuple[int, int, int], ...]

    @cached_property
    def path(self) -> Markup:
        """What is drawn: whole numbers and SVG's letters alone, so that nothing needs escaping."""
        return Markup("").join(Markup(part) for part in self._parts())

    def _parts(self) -> Iterator[str]:
        at = self.weeks.at
        levels = [level(possible, missed) for possible, missed, _ in self.counts]
        for key, run in groupby(range(len(at)), key=lambda n: (at[n] - n, levels[n] is None)):
            first, *rest = list(run)
            num = len(rest) + 1
            if key[1]:
                yield f"M{at[first]} 5h{num}v.8h-{num}"
                continue
            yield f"M{at[first]} {FULL}"
            height = 0
            for now, wide in groupby(levels[n] or 0 for n in (first, *rest)):
                yield f"v{height - now}" if now != height else ""
                yield f"h{len(list(wide))}"
                height = now
            yield f"V{FULL}"
        for place, (_, _, begun) in zip(at, self.counts, strict=True):
            if begun:
                yield f"M{place} {DEEP}h1l-.5-3"

    @cached_property
    def sentence(self) -> str:
        """The picture in words."""
        kinds = {"all": 0, "some": 0, "none": 0, "unknown": 0}
        for possible, missed, _ in self.counts:
            kinds[
                "unknown"
                if not possible
                else "all"
                if not missed
                else "some"
                if missed < possible
                else "none"
            ] += 1
        begun = sum(count for _, _, count in self.counts)
        said = [f"every session in {kinds['all']}"]
        said += [f"some in {kinds['some']}"] if kinds["some"] else []
        said += [f"none in {kinds['none']}"] if kinds["none"] else []
        unknown = f" No register is known for {kinds['unknown']}." if kinds["unknown"] else ""
        times = {0: "", 1: " One suspension or exclusion began."}.get(
            begun, f" {begun} suspensions or exclusions began."
        )
        return f"Of {len(self.counts)} school weeks, came to {', '.join(said)}.{unknown}{times}"

    @cached_property
    def cells(self) -> Markup:
        """The numbers behind as cells of a table, one a half-term."""
        rows = zip(self.weeks.weeks, self.counts, strict=True)
        return Markup("").join(
            Markup("<td>{}</td>").format(" ".join(in_numbers(*counts) for _, counts in here))
            for _, here in groupby(rows, key=lambda row: row[0].half_term)
        )


def in_numbers(possible: int, missed: int, begun: int) -> str:
    """A week as the table has it: sessions missed of ten, or 1/8 of another number; an S for each suspension or exclusion begun."""
    said = "–" if not possible else f"{missed}" if possible == A_WEEK else f"{missed}/{possible}"
    return said + "S" * begun


def level(possible: int, missed: int) -> int | None:
    """Tenths of the sessions that the child came to; None where none is known. Ten and nought only where exact."""
    if not possible:
        return None
    tenths = round(FULL * (possible - missed) / possible)
    return min(max(tenths, 1), FULL - 1) if 0 < missed < possible else tenths


def half_term_words(half: HalfTerm) -> str:
    """Autumn 2024, first half."""
    term, number = half.name.split("_")
    return f"{term.capitalize()} {half.first.year}, {'first' if number == '1' else 'second'} half"


def strips(weeks: Weeks, pupils: Sequence[int], frame: pd.DataFrame) -> Mapping[int, Strip]:
    """Strips of some pupils, from `features.weeks.weeks`; of whom nothing is known in any week there is none."""
    if not weeks.weeks:
        return {}
    place = {week.monday: number for number, week in enumerate(weeks.weeks)}
    found: dict[int, list[tuple[int, int, int]]] = {}
    wanted = frame[frame["pupil"].isin(set(pupils))]
    columns = (wanted[name].tolist() for name in ("pupil", "week", "possible", "absent", "num_suspensions"))
    for pupil, monday, *counts in zip(*columns, strict=True):
        held = found.setdefault(pupil, [NOTHING] * len(place))
        if monday in place:
            held[place[monday]] = (counts[0], counts[1], counts[2])
    return {
        pupil: Strip(number, weeks, tuple(counts)) for number, (pupil, counts) in enumerate(found.items(), 1)
    }
