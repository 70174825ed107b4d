"""The JSON Schemas of what training writes, made from the records themselves."""

from typing import Any

from models.facts.audit import Audit
from models.facts.comparison import Comparison
from models.facts.evidence import Evidence
from models.facts.fact import Fact, schema_of
from models.facts.monitor import Monitor
from models.facts.pooled import EvidenceExport, PooledEvidence

RECORDS: dict[str, type[Fact]] = {
    "audit": Audit,
    "compare": Comparison,
    "evidence": Evidence,
    "evidence_export": EvidenceExport,
    "monitor": Monitor,
    "pooled_evidence": PooledEvidence,
}


def schema(name: str) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a file, by its name without `.json`."""
    return schema_of(RECORDS[name], name)
