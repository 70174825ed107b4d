"""What changed since the last list: who is new, and where those who left it are now.

Those who are no longer listed are counted and not named, as everyone not listed is.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from serving.account import standing


@dataclass(frozen=True)
class Since:
    """A list beside the one before it.

    Attributes
    ----------
    last : date or None
        As-of date of the earlier list; None where there is none to compare with.
    was : dict of int to str
        Pupil to the state it had; a pupil who is not here was not listed.
    left : dict of str to int
        State now, or `gone`, to how many who were listed then stand there.
    is_model_changed : bool
    """

    last: date | None = None
    was: dict[int, str] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)
    is_model_changed: bool = False

    def state(self, pupil: int) -> str:
        """The pupil's state on the earlier list; empty where there is no earlier list."""
        return self.was.get(pupil, "not_listed") if self.last else ""


def since(now: Mapping[str, Any], before: Mapping[str, Any] | None, roll: set[int]) -> Since:
    """Compare one list's account with its earlier one.

    Parameters
    ----------
    now, before : mapping
        As `serving.account.account` makes them; no `before` means nothing to compare with.
    roll : set of int
        Everyone on this list's roll now.
    """
    if before is None:
        return Since()
    is_now = dict(standing(now["states"]))
    was = dict(standing(before["states"]))
    left = Counter(
        is_now.get(pupil, "not_listed" if pupil in roll else "gone")
        for pupil, state in was.items()
        if state == "listed"
    )
    del left["listed"]
    return Since(date.fromisoformat(before["as_of"]), was, dict(left), before["release"] != now["release"])
