"""Results of statutory assessments as plain facts, where the authority supplies them: the level reached, and never why."""

from collections.abc import Iterator

from features.about import About
from features.telling.fact import Fact, Row, by_pupil
from features.views import VIEWS

TABLE = "attainment"
STAGES = {
    "eyfs": "At the end of Reception (early years profile)",
    "phonics": "In the phonics check",
    "ks1": "At the end of Year 2 (key stage 1)",
    "ks2": "At the end of Year 6 (key stage 2)",
}


def tell(about: About) -> Iterator[Fact]:
    """Facts of family attainment; who has no result has no line, which is no low result."""
    if TABLE not in about.authority_records.late_tables:
        return
    found = by_pupil(VIEWS[TABLE].rows(about.scene))
    for person in about.one_by_one:
        rows = found.get(person["pupil"], [])
        for stage, when in STAGES.items():
            assessed, met, scored, gap = (
                _total(rows, stage, name) for name in ("assessed", "met", "scored", "gap")
            )
            if not assessed:
                continue
            if stage == "phonics":
                level = "met the standard" if met else "had not met the standard"
            else:
                level = f"at the level expected or above in {met} of {assessed} assessed"
            mean = 100 + gap / scored if scored else 0
            scores = f"; scaled scores {mean:.0f} on average, where 100 is expected" if scored else ""
            yield Fact(person["pupil"], "attainment", "fact", None, f"{when}: {level}{scores}.")


def _total(rows: list[Row], stage: str, name: str) -> int:
    return sum(row[f"{stage}_{name}"] for row in rows)
