"""How busy the service is, as Prometheus reads it: by endpoint and status, never by path or person.

BentoML's own metrics are off: they are labelled by path, so that anybody could grow them without end. One process has
one set of counts, so they stand here by name, for whoever has something to count.
"""

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

MEDIA_TYPE = CONTENT_TYPE_PLAIN_0_0_4
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)  # seconds

disable_created_metrics()  # when each was first counted is of no use, and doubles the page
REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)  # memory, processor time and open files of this process
ANSWERS = Counter(
    "pathways_answers", "Answers, by endpoint and status.", ["endpoint", "status"], registry=REGISTRY
)
SECONDS = Histogram(
    "pathways_seconds", "Seconds until an answer.", ["endpoint"], buckets=BOUNDS, registry=REGISTRY
)
UNDER_WAY = Gauge("pathways_under_way", "Requests under way.", registry=REGISTRY)
WRONG_SIGN_INS = Counter(
    "pathways_wrong_sign_ins",
    "Sign-ins, and tokens, that were refused. Many are an alarm.",
    registry=REGISTRY,
)
MANY_WRONG_SIGN_INS = Gauge(
    "pathways_many_wrong_sign_ins",
    "1 while more sign-ins are refused than people mistype. An alarm: somebody may be guessing.",
    registry=REGISTRY,
)
LOG_HEAD_DISAGREES = Gauge(
    "pathways_access_log_head_disagrees",
    "1 where the head file does not agree with the access log. An alarm: run pathways verify-log.",
    registry=REGISTRY,
)
LOG_HEADS_SENT = Counter(
    "pathways_access_log_heads_sent",
    "Heads of the access log that arrived where they are sent, by kind. None in an hour is an alarm.",
    ["kind"],
    registry=REGISTRY,
)
LOG_HEADS_NOT_SENT = Counter(
    "pathways_access_log_heads_not_sent",
    "Heads of the access log that did not arrive where they are sent, by kind. Any is an alarm.",
    ["kind"],
    registry=REGISTRY,
)


def count(endpoint: str, status: int, seconds: float) -> None:
    """Count one answer of an endpoint."""
    ANSWERS.labels(endpoint, status).inc()
    SECONDS.labels(endpoint).observe(seconds)


def text() -> bytes:
    """All counts in Prometheus's text format."""
    return generate_latest(REGISTRY)
