"""Special educational needs: provision and need at the last census, and the council's own plans and assessments."""

from collections.abc import Iterator

from features.about import About
from features.as_of import SCHOOL_YEAR
from features.codes import Provision, provisions
from features.involvements import BY_CODE, codes
from features.telling.fact import Fact, Row, by_pupil
from features.telling.words import day, need

PROVISION = provisions()


def tell(about: About) -> Iterator[Fact]:
    """Facts of family sen."""
    census = by_pupil(about.census, "order")
    council = by_pupil(about.involvements.filter(lambda t: t.kind.isin(codes("sen"))), "start_date", "kind")
    for person in about.one_by_one:
        pupil = person["pupil"]
        spells = council.get(pupil, [])
        has_plan = any(spell["is_open"] and spell["kind"] == "ehcp" for spell in spells)
        yield from _council(about, pupil, spells, has_plan)
        if census.get(pupil):
            yield from _census(about, pupil, census[pupil], has_plan)
        else:
            sentence = "No school census with this child is known, so needs may be missing."
            yield Fact(pupil, "sen", "missing", None, sentence)


def _council(about: About, pupil: int, spells: list[Row], has_plan: bool) -> Iterator[Fact]:
    lately = about.look_back(SCHOOL_YEAR)
    for spell in spells:
        kind, start, end = BY_CODE[spell["kind"]], spell["start_date"], spell["end_date"]
        if spell["is_open"]:
            yield Fact(pupil, "sen", "fact", start, kind.is_open.format(day(start)))
        elif end >= lately:
            after = "" if has_plan else " No plan is open now."
            yield Fact(
                pupil,
                "sen",
                "change",
                end,
                f"{kind.ended} that began on {day(start)} ended on {day(end)}.{after}",
            )


def _census(about: About, pupil: int, rows: list[Row], has_plan: bool) -> Iterator[Fact]:
    newest = rows[-1]
    on, provision = newest["census_date"], newest["sen_provision"]
    needs = list(dict.fromkeys(need(code) for code in (newest["sen_need_1"], newest["sen_need_2"]) if code))
    what = f" Recorded need: {'; '.join(needs)}." if needs else ""
    if provision == "N":
        sentence = f"No special educational need was recorded at the census of {day(on)}."
    else:
        sentence = f"At the census of {day(on)}: {PROVISION[provision].on_card}.{what}"
        if provision == "E" and not has_plan:
            sentence += " The council has no open plan on record."
    yield Fact(pupil, "sen", "fact", on, sentence)
    others = [row for row in rows if row["sen_provision"] != provision]
    if others:
        was = others[-1]
        moved = next(row for row in rows if row["order"] > was["order"])
        if moved["census_date"] >= about.look_back(SCHOOL_YEAR):
            before, after = PROVISION[was["sen_provision"]], PROVISION[provision]
            sentence = (
                f"SEN provision was {way(before, after)} from {before.on_card} ({day(was['census_date'])}) "
                f"to {after.on_card} ({day(moved['census_date'])})."
            )
            yield Fact(pupil, "sen", "change", moved["census_date"], sentence)
    if on < about.look_back(SCHOOL_YEAR):
        yield Fact(
            pupil,
            "sen",
            "stale",
            on,
            f"The newest census with this child is of {day(on)}. Needs may have changed.",
        )


def way(before: Provision, after: Provision) -> str:
    """How provision moved; between two versions of the code set, of which no one is an order, only that it is another."""
    if before.version != after.version:
        return "recorded anew"
    return "stepped up" if after.level > before.level else "stepped down"
