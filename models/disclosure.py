"""What may leave: counts suppressed when small and rounded, and rates made from nothing but those.

A count below `FEWEST` is suppressed and every other is rounded to a multiple of `BASE`. Rounding alone
is not enough: of two tables one pupil apart, a count that steps from one multiple to the next, or from
suppressed to shown, gives itself away. So what a count is rounded from is first moved by -2 to 2, and
the bar of suppression by 0 to 4, by lot. The lot is drawn from the exact table: the same table is
published the same way however often, and another table another way. Margins are sums of what is shown.

DfE publishes exclusions of authorities by characteristic without suppression: this is a local, stated
choice. The idea of keyed noise is the cell key method of the Office for National Statistics (2021).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, floor

FEWEST = 10
BASE = 5
RULE = (
    f"Counts below {FEWEST} are not shown, nor some a little above; all others are rounded to {BASE} after being moved by at most "
    "two. Rates are made from the counts shown, totals are sums of the counts shown, and ranges are widened to steps of 5 in 100."
)
MOVED_VARIANCE = 2 + BASE**2 / 12  # of a lot of -2 to 2, and of rounding
SHOWN_FROM = FEWEST + BASE - 1  # whatever the lot
WHERE_IT_BITES = (
    f"“Not shown” stands where fewer than {FEWEST} children were counted, and by lot where {FEWEST} to {SHOWN_FROM - 1} were. From {SHOWN_FROM} on every "
    f"count is shown. A share is shown where both of its counts are, and {FEWEST} or more children are not in it."
)


@dataclass(frozen=True)
class Disclosed:
    """The published form of a table of counts.

    Attributes
    ----------
    counts : mapping of str to int or None
        None: suppressed.
    """

    counts: Mapping[str, int | None]

    def total(self, names: list[str]) -> int | None:
        """Sum of the shown counts among some; None where none is shown. Never the exact margin."""
        shown = [count for name in names if (count := self.counts[name]) is not None]
        return sum(shown) if shown else None

    def part(self, part: str, *wholes: str) -> int | None:
        """The shown count of a part, never more than that of any of its wholes; None where one is suppressed.

        Each is moved by a lot of its own, so that a part could be shown as larger than what it is of.
        """
        counts = [self.counts[name] for name in (part, *wholes)]
        shown = [count for count in counts if count is not None]
        return min(shown) if len(shown) == len(counts) else None

    def rate(self, part: str, whole: str) -> float | None:
        """A share from shown counts; None where either, or what is left of the whole, is suppressed."""
        over, under = self.counts[part], self.counts[whole]
        if over is None or under is None or under - over < FEWEST:
            return None
        return round(over / under, 2)


def disclose(exact: Mapping[str, int]) -> Disclosed:
    """Suppress and round a table of counts.

    Parameters
    ----------
    exact : mapping of str to int
        Name of a cell to its count. The lot depends on all of them.
    """
    key = hashlib.sha256(repr(sorted(exact.items())).encode()).digest()
    return Disclosed({name: shown(count, key, name) for name, count in exact.items()})


def shown(count: int, key: bytes, name: str) -> int | None:
    """One count as it may leave, by the table's key; None where suppressed."""
    lot = hashlib.sha256(key + name.encode()).digest()
    return None if count < FEWEST + lot[0] % BASE else max(FEWEST, moved(count, key, name))


def moved(count: float, key: bytes, name: str) -> int:
    """A count moved by its lot of -2 to 2 and rounded to `BASE`, and never suppressed: for sums of which rates are made.

    It is right on average, with a variance of `MOVED_VARIANCE`.
    """
    lot = hashlib.sha256(key + name.encode()).digest()
    return int(BASE * ((2 * (count + lot[1] % 5 - 2) + BASE) // (2 * BASE)))


def widened(low: float, high: float) -> tuple[float, float]:
    """A range of a share as it may leave: outwards to steps of 0.05."""
    return max(floor(low * 20 + 1e-9), 0) / 20, min(ceil(high * 20 - 1e-9), 20) / 20
