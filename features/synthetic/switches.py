"""Known truths that can be switched on and off, so that what is built on the records can be tested."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from features.errors import PathwaysError
from features.synthetic.figures import ETHNICITIES


class SwitchRefused(PathwaysError):
    """A switch of the made-up authority has a value it cannot have."""

    exit_code = 2


@dataclass(frozen=True)
class Switches:
    """One way of making the authority.

    Attributes
    ----------
    sanction_bias : mapping of str to float
        Ethnic group to a factor of 1 or more: the same behaviour is answered that many times as often,
        with suspensions that many times as long, and as much more often for good.
    sanction_frequency : mapping of str to float
        Ethnic group to a factor of 1 or more: the same behaviour is answered that many times as often, and
        each answer is as long, and as often for good, as anybody's.
    school_severity : float or None
        Log-SD of schools' rates of suspension; None keeps the published spread.
    place_only : bool
        Risk is only a matter of the school: every pupil of a school has the same.
    noise_only : bool
        Outcomes are independent of everything recorded.
    late_feed : int
        So many schools' registers stop early.
    leak : bool
        A recorded involvement betrays an outcome long before it happens.
    law_2026 : bool
        The records run to 2026/27, with what changed in 2026 (`law_2026.py`) and both optional tables.
    """

    sanction_bias: Mapping[str, float] = field(default_factory=dict)
    school_severity: float | None = None
    place_only: bool = False
    noise_only: bool = False
    late_feed: int = 0
    leak: bool = False
    sanction_frequency: Mapping[str, float] = field(default_factory=dict)
    law_2026: bool = False

    @property
    def is_individual(self) -> bool:
        """Whether risk differs between the pupils of a school."""
        return not (self.place_only or self.noise_only)


def parse_bias(texts: Iterable[str], option: str = "--sanction-bias") -> dict[str, float]:
    """`GROUP=FACTOR` texts, as `BCRB=1.5`, to a sanction bias or frequency.

    Raises
    ------
    SwitchRefused
        Every text that names no ethnic group in use or no factor from 1 to 5.
    """
    bias, breaches = {}, []
    for text in texts:
        group, _, factor = text.partition("=")
        if group not in ETHNICITIES or not re.fullmatch(r"\d(\.\d+)?", factor) or not 1 <= float(factor) <= 5:
            breaches.append(
                f"{option} {text}: needs an ethnic group ({', '.join(ETHNICITIES)}) and a factor from 1 to 5, as BCRB=1.5."
            )
        else:
            bias[group] = float(factor)
    if breaches:
        raise SwitchRefused(*breaches)
    return bias
