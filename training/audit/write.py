"""An audit's folder, whole or not at all."""

import json
from collections.abc import Mapping
from pathlib import Path

from models.facts.audit import Audit
from training.audit.errors import AuditRefused
from training.audit.publish import publish
from training.whole import refuse_a_folder_in_the_way, write_texts

FULL, PUBLISHED = "audit.json", "audit_published.json"


def refuse_in_the_way(out: Path) -> None:
    """Before anything is computed: a folder that is there is never written over."""
    refuse_a_folder_in_the_way(out, AuditRefused)


def write_audit(out: Path, facts: Audit, pages: Mapping[str, str]) -> None:
    """Write `audit.json` (the reviewer's own), `audit_published.json` and pages.

    Parameters
    ----------
    pages : mapping of str to str
        File name to its text, as serving made it.

    Raises
    ------
    AuditRefused
        The folder is there, or cannot be written.
    """
    published = json.dumps(publish(facts.plain()), indent=1, allow_nan=False) + "\n"
    texts = {FULL: facts.text(), PUBLISHED: published}
    write_texts(out, {**texts, **pages}, AuditRefused)
