"""What an import read, kept, repaired, rejected and noticed."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from features.records.check import RULES

REPAIRS = ("case", "trimmed", "integer_text")


@dataclass
class TableCounts:
    """Counts of one table; `read` is `kept` plus everything in `rejected`."""

    read: int = 0
    rejected: Counter = field(default_factory=Counter)
    repaired: Counter = field(default_factory=Counter)
    notes: dict[str, int] = field(default_factory=dict)

    @property
    def kept(self) -> int:
        return self.read - self.rejected.total()

    def as_dict(self) -> dict[str, Any]:
        return {
            "read": self.read,
            "kept": self.kept,
            "rejected": {rule: self.rejected[rule] for rule in RULES if self.rejected[rule]},
            "repaired": {rule: self.repaired[rule] for rule in REPAIRS if self.repaired[rule]},
            "notes": {note: count for note, count in self.notes.items() if count},
        }


@dataclass
class Report:
    """The report of one import or check.

    Attributes
    ----------
    tables : dict of str to TableCounts
        In the order of the contract.
    file_repairs : dict
        Rule to table to the files that were repaired whole, and their rows.
    ignored_columns : dict of str to list of str
    bulk_recorded_on : dict
        Table to the one `recorded_on` of more than half of its rows, for which the lag applies instead.
    under_notified : list of dict
        Schools whose registers and suspensions disagree.
    late_feeds : list of dict
        Schools whose marks stopped more than ten school days before those of the others.
    """

    extracted_on: str
    data_end: str | None = None
    tables: dict[str, TableCounts] = field(default_factory=dict)
    file_repairs: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    ignored_columns: dict[str, list[str]] = field(default_factory=dict)
    bulk_recorded_on: dict[str, dict[str, Any]] = field(default_factory=dict)
    under_notified: list[dict[str, Any]] = field(default_factory=list)
    late_feeds: list[dict[str, Any]] = field(default_factory=list)
    coverage: list[dict[str, Any]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON holds it; no value of a pupil is in it."""
        return {
            "extracted_on": self.extracted_on,
            "data_end": self.data_end,
            "tables": {name: counts.as_dict() for name, counts in self.tables.items()},
            "file_repairs": self.file_repairs,
            "ignored_columns": self.ignored_columns,
            "bulk_recorded_on": self.bulk_recorded_on,
            "under_notified": self.under_notified,
            "late_feeds": self.late_feeds,
            "coverage": self.coverage,
        }
