"""Which as-of dates train and which test: forward in time, never at random."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from features.errors import TooFewYears

TEST_DATES = 6  # one academic year of half-terms
FEWEST_TRAINING_DATES = 4
YEARS_NEEDED = {365: 4, 182: 3}
ALONE = "One test date stands alone: with fewer than five years of records nothing shows how this differs from date to date."


@dataclass(frozen=True)
class Split:
    """The dates of a run, each in order.

    Attributes
    ----------
    eligible : tuple of date
        Look-backs covered and window closed: the served model is refitted on all of these.
    training : tuple of date
        Eligible, and the window closed before the first test date.
    test : tuple of date
        The last six eligible dates; a single one where records reach no further.
    """

    eligible: tuple[date, ...]
    training: tuple[date, ...]
    test: tuple[date, ...]

    @property
    def is_alone(self) -> bool:
        return len(self.test) == 1

    @property
    def first_line(self) -> str:
        """What every report must open with; empty where there is nothing to warn of."""
        return ALONE if self.is_alone else ""


def eligible_dates(closes: Mapping[date, date], covered_from: date, known_until: date) -> tuple[date, ...]:
    """The as-of dates whose look-backs are covered and whose window has closed, in order.

    Parameters
    ----------
    closes : mapping of date to date
        As-of date to the day by which every event of its outcome window is known: its end and the lag.
    covered_from : date
        First day on which the suspensions look-back of 190 school days is covered.
    known_until : date
        The day of the extract: what became known before it is there.
    """
    return tuple(
        sorted(day for day, closed in closes.items() if covered_from <= day and closed < known_until)
    )


def split_dates(eligible: tuple[date, ...], closes: Mapping[date, date], window_days: int) -> Split:
    """Train on the past, test on what came after.

    Raises
    ------
    TooFewYears
        No test date has enough training dates whose windows closed before it.
    """
    for num_test in (TEST_DATES, 1):
        split = split_before(eligible, closes, num_test)
        if split:
            return split
    raise TooFewYears(too_few(eligible, window_days))


def earlier_splits(split: Split, closes: Mapping[date, date]) -> tuple[Split, ...]:
    """The splits of the years before the test dates, as far back as the records reach; the latest first."""

    def before(later: Split) -> Split | None:
        return split_before(tuple(day for day in later.eligible if day < later.test[0]), closes, TEST_DATES)

    found = []
    earlier = before(split)
    while earlier:
        found.append(earlier)
        earlier = before(earlier)
    return tuple(found)


def split_before(eligible: tuple[date, ...], closes: Mapping[date, date], num_test: int) -> Split | None:
    """The last `num_test` dates as test, and every date whose window closed before the first of them."""
    test = eligible[-num_test:]
    training = tuple(day for day in eligible if closes[day] < test[0])
    return (
        Split(eligible, training, test)
        if len(test) == num_test and len(training) >= FEWEST_TRAINING_DATES
        else None
    )


def too_few(eligible: tuple[date, ...], window_days: int) -> str:
    """What was found, what is needed, and what else can be done."""
    found = f"{len(eligible)} as-of dates have covered look-backs and a closed outcome window of {window_days} days"
    needed = f"a forward test needs {YEARS_NEEDED[window_days]} years of records (five for a whole test year)"
    other = (
        " Import earlier years, or shorten the outcome window: --window 182 needs three years."
        if window_days == 365
        else " Import earlier years."
    )
    return f"Too few years of records: {found}; {needed}.{other}"
