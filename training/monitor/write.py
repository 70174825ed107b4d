"""The folder of a look at a model in use."""

from collections.abc import Mapping
from pathlib import Path

from models.facts.monitor import Monitor
from training.monitor.errors import MonitorRefused
from training.whole import refuse_a_folder_in_the_way, write_texts

FACTS_FILE = "monitor.json"


def refuse_in_the_way(out: Path) -> None:
    """Before anything is computed: a folder that is there is never written over."""
    refuse_a_folder_in_the_way(out, MonitorRefused)


def write_monitor(out: Path, facts: Monitor, pages: Mapping[str, str]) -> None:
    """Write `monitor.json` and pages; all of it or nothing.

    Raises
    ------
    MonitorRefused
        The folder is there, or cannot be written.
    """
    texts = {FACTS_FILE: facts.text()}
    write_texts(out, {**texts, **pages}, MonitorRefused)
