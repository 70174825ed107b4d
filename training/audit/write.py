"""An audit's folder, whole or not at all."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from training.audit.errors import AuditRefused
from training.audit.publish import publish
from training.candidate import remove

FULL, PUBLISHED = "audit.json", "audit_published.json"


def refuse_in_the_way(out: Path) -> None:
    """Before anything is computed: a folder that is there is never written over."""
    if out.exists():
        raise AuditRefused(f"{out} is already there. Give another --out, or remove it first.")


def write_audit(out: Path, facts: Mapping[str, Any], pages: Mapping[str, str]) -> None:
    """Write `audit.json` (the reviewer's own), `audit_published.json` and pages beside their place, then rename.

    Parameters
    ----------
    pages : mapping of str to str
        File name to its text, as serving made it.

    Raises
    ------
    AuditRefused
        The folder is there, or cannot be written.
    """
    refuse_in_the_way(out)
    part = out.with_name(f".{out.name}.part")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        part.mkdir()
        texts = {
            name: json.dumps(made, indent=1, allow_nan=False) + "\n"
            for name, made in ((FULL, facts), (PUBLISHED, publish(facts)))
        }
        for name, text in {**texts, **pages}.items():
            (part / name).write_text(text, encoding="utf-8")
        part.rename(out)
    except OSError as error:
        raise AuditRefused(f"{out} cannot be written: {error.strerror}.") from None
    finally:
        if part.exists():
            remove(part)
