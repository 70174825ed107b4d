"""How busy the service is, as Prometheus reads it: by endpoint and status, never by path or person.

BentoML's own metrics are off: they are labelled by path, so that anybody could grow them without end.
"""

from collections import Counter

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)  # seconds
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """Counts of one process."""

    def __init__(self) -> None:
        self.answers: Counter[tuple[str, int]] = Counter()
        self.within: Counter[tuple[str, float]] = Counter()
        self.seconds: Counter[str] = Counter()
        self.under_way = 0

    def count(self, name: str, status: int, seconds: float) -> None:
        """One answer of an endpoint."""
        self.answers[name, status] += 1
        self.seconds[name] += seconds  # type: ignore[assignment]
        for bound in BOUNDS:
            if seconds <= bound:
                self.within[name, bound] += 1

    def text(self) -> str:
        """All of it in Prometheus's text format."""
        lines = ["# TYPE pathways_answers_total counter"]
        lines += [
            f'pathways_answers_total{{endpoint="{name}",status="{status}"}} {n}'
            for (name, status), n in sorted(self.answers.items())
        ]
        lines.append("# TYPE pathways_seconds histogram")
        totals: Counter[str] = Counter()
        for (name, _), n in self.answers.items():
            totals[name] += n
        for name, total in sorted(totals.items()):
            lines += [
                f'pathways_seconds_bucket{{endpoint="{name}",le="{bound}"}} {self.within[name, bound]}'
                for bound in BOUNDS
            ]
            lines.append(f'pathways_seconds_bucket{{endpoint="{name}",le="+Inf"}} {total}')
            lines.append(f'pathways_seconds_sum{{endpoint="{name}"}} {self.seconds[name]:.6f}')
            lines.append(f'pathways_seconds_count{{endpoint="{name}"}} {total}')
        lines += ["# TYPE pathways_under_way gauge", f"pathways_under_way {self.under_way}"]
        return "\n".join(lines) + "\n"
