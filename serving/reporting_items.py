"""TRIPOD+AI, item by item: where the evidence page, the card or the record tells it, or who has to.

The 27 items and 52 sub-items are those of Collins et al. (2024), TRIPOD+AI statement: updated guidance for
reporting clinical prediction models that use regression or machine learning methods, BMJ 385:e078378.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd

ITEMS_FILE = Path(__file__).parent / "tripod_ai.csv"
DICTIONARY = "the feature dictionary (pathways features --dictionary)"
CARD_PARTS = {
    "purpose": "What it is for",
    "inputs": "What it reads and makes",
    "groups": "How it does by group",
    "limits": "What to mind",
}


@dataclass(frozen=True)
class Item:
    """One sub-item.

    Attributes
    ----------
    number, topic : str
    sections : tuple of str
        Ids of the evidence page's sections that tell it.
    elsewhere : tuple of str
        Other documents that tell it, in words.
    to_complete : str
        "to be completed by ...", where a person has to add something; else "".
    """

    number: str
    topic: str
    sections: tuple[str, ...]
    elsewhere: tuple[str, ...]
    to_complete: str


@cache
def items() -> tuple[Item, ...]:
    """Every sub-item in order."""
    rows = pd.read_csv(ITEMS_FILE, dtype=str, keep_default_na=False)
    return tuple(_item({str(name): cell for name, cell in row.items()}) for row in rows.to_dict("records"))


def _item(row: dict[str, str]) -> Item:
    where = row["where"].split()
    elsewhere = tuple(_elsewhere(*place.split(":")) for place in where if ":" in place)
    to_complete = f"to be completed by {row['completed_by']}: {row['note']}" if row["completed_by"] else ""
    sections = tuple(place for place in where if ":" not in place)
    return Item(row["item"], row["topic"], sections, elsewhere, to_complete)


def _elsewhere(document: str, part: str) -> str:
    """A place in another document, in words."""
    if document == "card":
        return f"the model card, “{CARD_PARTS[part]}”"
    return f"the transparency record, field {part}" if document == "record" else DICTIONARY
