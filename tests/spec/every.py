"""Every spec, and their answers: one matrix a date and background."""

from datetime import date
from functools import cache

from tests import small
from tests.spec import attainment, attendance, context, internal_suspensions, school, sen, suspensions
from tests.spec.specs import Spec, collect, matrix, toml_of

SPECS: tuple[Spec, ...] = (
    *attendance.SPECS, *suspensions.SPECS, *sen.SPECS, *context.SPECS, *school.SPECS,
    *internal_suspensions.SPECS, *attainment.SPECS,
)  # fmt: skip
RUNS = sorted({(one.as_of, one.background) for one in SPECS})


@cache
def collected(as_of: date, background: str) -> dict[str, list[dict]]:
    """The rows of every spec of a date and background, by table."""
    return collect(SPECS, as_of, background)


@cache
def answers(as_of: date, background: str) -> dict[int, dict]:
    """Their matrix, by pupil."""
    return matrix(small.records(toml=toml_of(background), **collected(as_of, background)), as_of)
