"""Which narrow tests hold which file."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Held:
    """A file and what must see a fault in it.

    Attributes
    ----------
    file : str
    tests : tuple of str
        Files of tests, or one test of a file; quick ones, as each fault runs them.
    only : tuple of str
        Functions and classes of the file to put faults into; all of it where none is named.
    without : str
        Tests to leave out, by a part of their names.
    """

    file: str
    tests: tuple[str, ...]
    only: tuple[str, ...] = ()
    without: str = ""


HELD = (
    Held("models/places.py", ("tests/unit/test_places.py",)),
    Held("features/as_of.py", ("tests/unit/test_as_of.py", "tests/unit/test_as_of_dates.py")),
    Held("models/disclosure.py", ("tests/unit/test_disclosure.py",)),
    Held("features/records/protection.py", ("tests/unit/test_protection.py",)),
    Held(
        "features/cohort.py",
        ("tests/unit/test_cohort.py::test_why_someone_is_not_assessed",),
        ("_with_withheld", "_with_flag"),
    ),
    Held("serving/security/access.py", ("tests/unit/test_access.py",), without="postgresql"),
    Held("training/fit.py", ("tests/unit/test_settings.py",), ("recalibrate",)),
    Held("training/logistic.py", ("tests/unit/test_logistic.py",)),
    Held("models/risk_model.py", ("tests/unit/test_settings.py",), ("Calibrator",)),
    Held("training/audit/estimable.py", ("tests/unit/test_estimable.py",)),
    Held("training/intervals.py", ("tests/unit/test_intervals.py",)),
)
