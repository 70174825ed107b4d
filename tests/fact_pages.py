"""Pages from plain facts, so that a test may change any value of them; the records check what is left."""

from typing import Any

from models.facts.comparison import Comparison
from models.facts.evidence import Evidence
from models.facts.monitor import Monitor
from models.facts.pooled import PooledEvidence
from serving import compare_page as compared
from serving import monitor_page as monitored
from serving import pooled_page as pooling
from serving import reports


def evidence_page(evidence: dict[str, Any]) -> str:
    return reports.evidence_page(Evidence.checked(evidence))


def compare_page(facts: dict[str, Any]) -> str:
    return compared.compare_page(Comparison.checked(facts))


def monitor_page(facts: dict[str, Any]) -> str:
    return monitored.monitor_page(Monitor.checked(facts))


def pooled_page(facts: dict[str, Any]) -> str:
    return pooling.pooled_page(PooledEvidence.checked(facts))
