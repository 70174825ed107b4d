"""Fields of the transparency record that tell of data."""

from collections.abc import Mapping
from typing import Any

from training.documents.sentences import NEVER, SOURCES

Facts = Mapping[str, Any]
Figures = list[tuple[str, dict[str, Any]]]
Filled = tuple[str, Figures]


def datasets(facts: Facts) -> Filled:
    return (
        f"One record store of {facts['authority']}, hash {facts['model']['data_hash']}, made from {SOURCES}."
    ), []


def purposes(facts: Facts) -> Filled:
    found = facts["evidence"]
    trained = facts["model"]["trained_on"]
    return (
        f"Training of the judged fit: {len(found['training'])} dates, {found['training'][0]} to {found['training'][-1]}. Test: "
        f"{len(found['test'])} dates, {found['test'][0]} to {found['test'][-1]}. The model that is served is the same recipe fitted again "
        f"on all {len(trained)} dates, {trained[0]} to {trained[-1]}. Tuning and recalibration used folds of whole schools inside the "
        "training dates; no split was made at random over time."
    ), []


def quantities(facts: Facts) -> Filled:
    told = []
    for part, words in (("training", "Training"), ("test", "Test")):
        held = facts["counts"][part]
        told.append(
            f"{words}: {approx(held['num_pupils'])} pupils in {held['num_schools']} schools, {approx(held['num_rows'])} rows of a pupil "
            f"at a date, {approx(held['num_events'])} pupils with the outcome."
        )
    return (
        f"Every record of these dates was used; no sample was drawn. {' '.join(told)} {facts['audit']['disclosure']}",
        [],
    )


def approx(count: int | None) -> str:
    return "a few" if count is None else f"{count:,}"


def sensitive(facts: Facts) -> Filled:
    held = facts["people"]["lawful_basis"]
    named = (
        "Which sources the authority has switched on is not known here."
        if not facts["people"]["la_number"]
        else (
            "Sources that need a stated condition, with the condition relied on: "
            + "; ".join(f"{source}: {basis}" for source, basis in held.items())
            + "."
            if held
            else "No source that needs a stated condition is switched on."
        )
    )
    return (
        f"{NEVER}; they are kept apart and used by the audit alone, to find who is missed. Nor is the area's deprivation read. Records of "
        "special educational needs, illness marks and social care do go into estimates: health and other special-category data, about "
        f"children. {named}"
    ), []


def completeness(facts: Facts) -> Filled:
    return (
        "Everyone on roll from Reception to Year 11 is in the cohort; nobody is dropped. Who cannot be estimated is not assessed, with the "
        "reason, and counted. A figure whose look-back the records do not reach is missing, never zero. Pupils who left the authority with "
        f"no outcome seen are left out and counted, with both bounds beside the figures. {facts['audit']['cannot_see']}"
    ), []


def cleaning(facts: Facts) -> Filled:
    return (
        "Import checks every row against a published contract. Cells are mended only where the meaning is certain; a row that breaks a rule "
        "is set aside whole with its file, line and rule, and counted; above a stated share of such rows import stops."
    ), []


def collection(facts: Facts) -> Filled:
    return (
        f"Taken from {SOURCES}, all of which the authority held already. Nothing was collected from families for this tool.",
        [],
    )
