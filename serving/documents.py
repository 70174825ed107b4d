"""Published documents as pages: the model card, the transparency record, and a notice for families.

Facts come from `training.documents`; none is computed here.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from features.contract.law import COLLECTED
from models.facts.evidence import TAUGHT_NEARNESS
from models.facts.fact import Fact
from models.said import how_sure
from serving import audit_words, document_words
from serving.numbers import CANNOT_TELL, Facts, figure, is_told, percent, plainly, rival, spoken
from serving.pages import template
from serving.reporting_items import CARD_PARTS
from serving.wording import FAMILIES, OUTCOMES, span

HELPED = {"all": "All", "helped": "Helped in that time", "not_helped": "Not helped in that time"}


def model_card(facts: Facts) -> str:
    """The model card as one self-contained page.

    Parameters
    ----------
    facts : mapping
        From `training.documents.gather`. A rate that may not be shown, or could not be measured, is given
        with its reason and never as a zero.
    """
    found = facts["evidence"]
    return template("model_card.html").render(
        taught=TAUGHT_NEARNESS if facts["model"]["taught"] == "nearness" else "",
        facts=facts,
        says=document_words,
        headings=CARD_PARTS,
        **common(facts),
        families=[(FAMILIES[name], f"{number}") for name, number in facts["model"]["families"].items()],
        record_rows=record_rows(facts),
        rival_rows=[
            ("This model", figure(found["recall_at_capacity"])),
            *((rival(row["name"]), figure(row["recall"])) for row in found["comparators"]),
        ],
        helped_rows=[
            (HELPED[row["who"]], figure(row["recall"]), figure(row["precision"]))
            for row in found["support_exposure"]["rows"]
        ],
        group_rows=group_rows(facts["groups"]),
        untold_groups=untold_groups(facts["groups"]),
        cited=cited(facts, "card"),
        collected=COLLECTED,
    )


def transparency_page(facts: Facts, record: Sequence[Facts]) -> str:
    """The transparency record as one self-contained page, field by field.

    Parameters
    ----------
    record : sequence of mapping
        From `training.documents.record.transparency_record`.
    """
    sections = [(name, list(rows)) for name, rows in groupby(record, key=lambda row: row["section"])]
    return template("transparency_record.html").render(
        facts=facts,
        says=document_words,
        sections=sections,
        num_open=sum(bool(row["to_complete"]) for row in record),
        num_unconfirmed=sum(not row["is_confirmed"] for row in record),
        num=len(record),
        written=written,
        **common(facts),
    )


def family_notice(facts: Facts) -> str:
    """A plain notice for families, to be read at about twelve; what only the authority knows is marked."""
    found = facts["evidence"]
    return template("family_notice.html").render(
        facts=facts,
        says=document_words,
        out_of=out_of_a_hundred,
        law_note=document_words.LAW_NOTE.format(collected=COLLECTED, cited="; ".join(cited(facts, "notice"))),
        right=found["precision"],
        recall=found["recall_at_capacity"],
        **common(facts),
    )


def data_protection(facts: Facts) -> str:
    """What the data protection officer needs beside the record: law by version, sources with a condition, identifiers."""
    return template("data_protection.html").render(
        facts=facts,
        says=document_words,
        collected=COLLECTED,
        law_rows=[
            (one["title"], versioned(one), one["means"], how_sure(one["certainty"]))
            for one in facts["law"]
            if "data_protection" in one["documents"]
        ],
        basis_rows=[
            (source.replace("_", " ").capitalize(), condition)
            for source, condition in sorted(facts["people"]["lawful_basis"].items())
        ],
        **common(facts),
    )


def versioned(law: Facts) -> str:
    """A version with its days; the days alone where they say which version it is."""
    return law["days"] if law["version"] in law["days"] else f"{law['version']}; {law['days']}"


def cited(facts: Facts, document: str) -> list[str]:
    """The law and guidance that a document cites, by version."""
    return [one["citation"] for one in facts["law"] if document in one["documents"]]


def common(facts: Facts) -> dict[str, Any]:
    did, did_not = OUTCOMES[facts["model"]["outcome"]]
    return {
        "did": did,
        "did_not": did_not,
        "span": span(facts["model"]["window_days"]),
        "figure": figure,
        "percent": percent,
        "spoken": spoken,
        "plainly": plainly,
    }


def written(found: Facts) -> str:
    """A figure of the record: a share, or outcomes seen for each one estimated."""
    return figure(found, not found.get("is_ratio", False))


def out_of_a_hundred(found: Facts) -> str:
    """A share that can be told as children of a hundred, with its range."""
    return f"about {100 * found['estimate']:.0f} ({100 * found['low']:.0f} to {100 * found['high']:.0f})"


def record_rows(facts: Facts) -> list[tuple[str, str, str]]:
    """How much it was trained and tested on, in words; counts as they may leave."""
    names = {
        "num_pupils": "Pupils",
        "num_rows": "Pupil-dates",
        "num_events": "Pupils with the outcome",
        "num_schools": "Schools",
    }
    training, test = facts["counts"]["training"], facts["counts"]["test"]
    return [(words, counted(training[name]), counted(test[name])) for name, words in names.items()]


def counted(number: int | None) -> str:
    return "too few to show" if number is None else f"{number:,}"


def group_rows(groups: Sequence[Facts]) -> dict[str, list[tuple[str, ...]]]:
    """Rates of each attribute's groups, by the attribute's name in words; groups with nobody shown are left to a count."""
    rows: dict[str, list[tuple[str, ...]]] = {}
    for row in groups:
        metrics: Mapping[str, Facts] = row["metrics"]
        told = (shown(metrics[name]) for name in ("recall", "precision", "selection_rate"))
        rows.setdefault(audit_words.attribute(row["attribute"]), []).append(
            (row["label"], counted(row["n"]), counted(row["events"]), *told)
        )
    return rows


def untold_groups(groups: Sequence[Facts]) -> list[str]:
    """The attributes, in words, of which no group's children found can be told."""
    told = {row["attribute"]: False for row in groups}
    for row in groups:
        told[row["attribute"]] |= is_told(row["metrics"]["recall"])
    return [audit_words.attribute(name) for name, is_one_told in told.items() if not is_one_told]


def shown(found: Facts | Fact) -> str:
    return figure(found) if is_told(found) else CANNOT_TELL
