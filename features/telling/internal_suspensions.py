"""Internal suspensions as plain facts, where the authority supplies them: how often, how long, and since when they are recorded."""

from collections.abc import Iterator

from features.about import About
from features.as_of import SCHOOL_YEAR
from features.recorded import TABLE, recorded_since
from features.telling.fact import Fact, by_pupil
from features.telling.words import day, days_of, times
from features.views import VIEWS


def tell(about: About) -> Iterator[Fact]:
    """Facts of family suspensions, which are no suspensions; where the school has not recorded any yet, nothing is told of none."""
    if TABLE not in about.authority_records.late_tables:
        return
    year = about.look_back(SCHOOL_YEAR)
    rows = VIEWS["internal_suspensions"].rows(about.scene)
    found = by_pupil(rows.filter(rows.start_date >= year), "start_date")
    since = recorded_since(about.authority_records, about.as_of.alone).set_index("cluster")["since"].to_dict()
    for person in about.one_by_one:
        begun, mine = since.get(person["cluster"]), found.get(person["pupil"], [])
        if mine:
            last, sessions = mine[-1]["start_date"], sum(row["sessions"] for row in mine)
            long = f", {days_of(sessions)} in all" if all(row["sessions"] for row in mine) else ""
            often = (
                f"once, on {day(last)}"
                if len(mine) == 1
                else f"{times(len(mine))} since {day(year)}, last on {day(last)}"
            )
            sentence = f"Kept from lessons inside school (internal suspension, which is no suspension) {often}{long}."
            yield Fact(person["pupil"], "suspensions", "fact", last, sentence)
        if begun is None:
            sentence = "This school has recorded no internal suspension of any child yet: that is not known to be none."
            yield Fact(person["pupil"], "suspensions", "missing", None, sentence)
        elif begun > year:
            sentence = f"This school records internal suspensions since {day(begun)}: before that, none on record is not none."
            yield Fact(person["pupil"], "suspensions", "missing", None, sentence)
