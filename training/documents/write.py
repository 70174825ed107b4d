"""The documents' folder: one record of facts, and what was made from it."""

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from training.documents.errors import DocumentsRefused
from training.documents.record import transparency_record
from training.whole import refuse_a_folder_in_the_way, write_texts

FACTS_FILE, RECORD_FILE = "facts.json", "transparency_record.csv"
COLUMNS = ("id", "name", "tier", "section", "is_confirmed", "status", "text", "to_complete")


def refuse_in_the_way(out: Path) -> None:
    """Before anything is made: a folder that is there is never written over."""
    refuse_a_folder_in_the_way(out, DocumentsRefused)


def write_documents(out: Path, facts: Mapping[str, Any], pages: Mapping[str, str]) -> None:
    """Write the facts, the record as a table to paste from, and pages; all of it or nothing.

    Parameters
    ----------
    pages : mapping of str to str
        File name to its text, as serving made it.

    Raises
    ------
    DocumentsRefused
        The folder is there, or cannot be written.
    """
    texts = {
        FACTS_FILE: json.dumps(facts, indent=1, allow_nan=False) + "\n",
        RECORD_FILE: record_as_csv(transparency_record(facts)),
    }
    write_texts(out, {**texts, **pages}, DocumentsRefused)


def record_as_csv(rows: list[dict[str, Any]]) -> str:
    """The record as CSV with the figures written into its text."""
    made = io.StringIO()
    writer = csv.DictWriter(made, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        told = " ".join(f"{label}: {in_figures(found)}." for label, found in row["figures"])
        writer.writerow(
            {name: row[name] for name in COLUMNS} | {"text": " ".join(filter(None, (row["text"], told)))}
        )
    return made.getvalue()


def in_figures(found: Mapping[str, Any]) -> str:
    """A figure with its range, or the reason why there is none."""
    if found["status"] != "estimated":
        return f"cannot tell ({found['reason']})"
    return f"{found['estimate']:.2f} ({found['low']:.2f} to {found['high']:.2f})"
