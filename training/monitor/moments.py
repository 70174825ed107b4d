"""Which days are compared: this one, and the same school day of the same half-term in earlier years.

A school year has a shape: absence rises before Christmas, Year 11 goes on exam leave in May, nobody comes in
August. Beside the month before, each of these would look like a change; beside the same point of other
years, none does.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from features.as_of import AsOf
from features.calendar import Calendar, HalfTerm, academic_year_start
from training.monitor.errors import MonitorRefused

YEARS = 3  # earlier years compared with, at most
FEWEST_DAYS = 20  # school days that an earlier year must hold before the day compared


@dataclass(frozen=True)
class Moments:
    """The days of a run.

    Attributes
    ----------
    now, before : AsOf
        The day watched, and the end of the half-term before it: the list before this one.
    earlier : tuple of (AsOf, AsOf)
        The same two in earlier years, latest year first; empty where the calendar reaches no further.
    """

    now: AsOf
    before: AsOf
    earlier: tuple[tuple[AsOf, AsOf], ...]

    @property
    def all(self) -> list[date]:
        """Every day, once, in order."""
        pairs = [(self.now, self.before), *self.earlier]
        return sorted({moment.on for pair in pairs for moment in pair})


def moments(calendar: Calendar, on: date, extracted_on: date) -> Moments:
    """The days to compare for a day.

    Raises
    ------
    MonitorRefused
        The day lies after the extract, or before the second half-term of the calendar.
    """
    if on > extracted_on + timedelta(days=1):
        raise MonitorRefused(
            f"The records were extracted on {extracted_on}, and {on} was asked for. Import a newer extract, or give an earlier --as-of."
        )
    half = calendar.half_term(on)
    at = calendar.half_terms.index(half)
    if at == 0 or on < half.first:
        raise MonitorRefused(
            f"{on} lies in the first half-term of the records, and there is nothing to compare it with. Give a later --as-of."
        )
    now = AsOf(on, calendar)
    earlier = []
    for back in range(1, YEARS + 1):
        same = [
            each
            for each in calendar.half_terms
            if each.name == half.name
            and academic_year_start(each.first) == academic_year_start(half.first) - back
        ]
        if same and calendar.index(same[0].first) >= FEWEST_DAYS:
            then = AsOf(same_point(calendar, half, same[0], on), calendar)
            earlier.append((then, list_before(calendar, same[0])))
    return Moments(now, list_before(calendar, half), tuple(earlier))


def same_point(calendar: Calendar, half: HalfTerm, same: HalfTerm, on: date) -> date:
    """The day that lies as far through another year's half-term, which may be longer; as long after its end where `on` is."""
    if on > half.last:
        following = [each.first for each in calendar.half_terms if each.first > same.last]
        day = min([same.last + (on - half.last), *following])
        # Year groups rise on 1 September, and with them who is in the cohort: on its same side, always.
        rise = date(academic_year_start(same.last) + 1, 9, 1)
        has_risen = academic_year_start(on) > academic_year_start(half.last)
        return max(day, rise) if has_risen else min(day, rise - timedelta(days=1))
    into, length, other = (
        calendar.index(end) - calendar.index(start)
        for start, end in ((half.first, on), (half.first, half.last), (same.first, same.last))
    )
    return calendar.days[calendar.index(same.first) + round(other * into / max(length, 1))].item()


def list_before(calendar: Calendar, half: HalfTerm) -> AsOf:
    """The last school day before a half-term: when the list before it was made."""
    return AsOf(calendar.days[calendar.index(half.first) - 1].item(), calendar)
