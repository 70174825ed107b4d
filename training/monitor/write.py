"""The folder of a look at a model in use."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from training.monitor.errors import MonitorRefused
from training.whole import refuse_a_folder_in_the_way, write_texts

FACTS_FILE = "monitor.json"


def refuse_in_the_way(out: Path) -> None:
    """Before anything is computed: a folder that is there is never written over."""
    refuse_a_folder_in_the_way(out, MonitorRefused)


def write_monitor(out: Path, facts: Mapping[str, Any], pages: Mapping[str, str]) -> None:
    """Write `monitor.json` and pages; all of it or nothing.

    Raises
    ------
    MonitorRefused
        The folder is there, or cannot be written.
    """
    texts = {FACTS_FILE: json.dumps(facts, indent=1, allow_nan=False) + "\n"}
    write_texts(out, {**texts, **pages}, MonitorRefused)
