"""The Algorithmic Transparency Recording Standard record, field by field, from the facts.

The fields stand in `transparency_record_v4.csv`: template v4 of the standard (Government Digital Service),
each with whether its id and name were confirmed against a public crosswalk of v4.0. The others come from
published records and must be checked against the official spreadsheet before a record is published.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import pandas as pd

from features.errors import AuthorityRefused
from features.records.authority import FILE_NAME, nearest
from training.documents.fields import FILLED

TEMPLATE = "transparency_record_v4.csv"
VERSION = "Algorithmic Transparency Recording Standard, template v4"
SAID = {"1.3": "website", "1.4": "email", "2.1.2": "team", "2.1.3": "senior_responsible_owner"}
WHOLE, IN_PART, OPEN = "filled", "filled in part", "to be completed"


@cache
def template() -> pd.DataFrame:
    """The fields: id, name, tier, section, is_confirmed, completed_by and what (both blank where facts suffice)."""
    return pd.read_csv(str(files("training.documents").joinpath(TEMPLATE)), dtype=str, keep_default_na=False)


def transparency_record(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every field in order.

    A text that a person wrote under `[documents]` of authority.toml stands in place of ours.

    Raises
    ------
    AuthorityRefused
        A text under `[documents.record]` is of a field that the standard does not have: it would stand nowhere.

    Returns
    -------
    list of dict
        id, name, tier, section, is_confirmed; status, one of `WHOLE`, `IN_PART` and `OPEN`; text ("" where
        nothing is known); figures, a list of (label, figure with its interval); to_complete ("to be completed
        by ...", else "").
    """
    people = facts["people"]["documents"]
    written = {field: people[name] for field, name in SAID.items()} | people["record"]
    ids = template()["id"].tolist()
    if unknown := sorted(set(written) - set(ids)):
        raise AuthorityRefused(
            *(
                f"{FILE_NAME}, documents.record: the record has no field {one}.{nearest(one, ids)}. Correct it and try again."
                for one in unknown
            )
        )
    rows = []
    for field in template().itertuples(index=False):
        number = str(field.id)
        text, figures = FILLED[number](facts) if number in FILLED else ("", [])
        by_person = written.get(number, "")
        is_known = bool(by_person) or (bool(text) and not field.completed_by)
        to_complete = "" if is_known else f"to be completed by {field.completed_by}: {field.what}"
        rows.append(
            {
                "id": number,
                "name": field.name,
                "tier": field.tier,
                "section": field.section,
                "is_confirmed": field.is_confirmed == "1",
                "status": WHOLE if is_known else IN_PART if text else OPEN,
                "text": by_person or text,
                "figures": [] if by_person else figures,
                "to_complete": to_complete,
            }
        )
    return rows
