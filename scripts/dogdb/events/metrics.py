"""Counts and durations of the receiver, as Prometheus reads them (text format 0.0.4)."""

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
"""Upper bounds of the histogram of durations."""


@dataclass
class Metrics:
    """What the receiver has done since it started."""

    answers: Counter[int] = field(default_factory=Counter)
    """Requests to the webhook, by status."""
    refusals: Counter[str] = field(default_factory=Counter)
    """Requests not taken, by reason."""
    events: Counter[str] = field(default_factory=Counter)
    """Verified events that came to the database, by what became of them."""
    groups: int = 0
    """Transactions; events by groups is how many share one."""
    durations: list[int] = field(default_factory=lambda: [0] * (len(SECONDS) + 1))
    """Requests answered with 200 by how long they took: up to each bound, and beyond all."""
    total_seconds: float = 0.0

    def observe(self, seconds: float) -> None:
        """Count a request that took so long."""
        self.durations[bisect_left(SECONDS, seconds)] += 1
        self.total_seconds += seconds


def _counter(name: str, label: str, counts: Counter) -> list[str]:
    values = [f'{name}{{{label}="{key}"}} {count}' for key, count in sorted(counts.items())]
    return [f"# TYPE {name} counter", *values]


def render(metrics: Metrics, waiting: int, is_connected: bool) -> str:
    """Return the metrics as text.

    Args:
        metrics: what was counted.
        waiting: events in the queue now.
        is_connected: whether the writer has its connection now.
    """
    name = "dogdb_webhook_seconds"
    histogram, sofar = [f"# TYPE {name} histogram"], 0
    for bound, count in zip((*SECONDS, "+Inf"), metrics.durations, strict=True):
        sofar += count
        histogram.append(f'{name}_bucket{{le="{bound}"}} {sofar}')
    lines = [
        *_counter("dogdb_webhook_requests_total", "status", metrics.answers),
        *_counter("dogdb_webhook_refusals_total", "reason", metrics.refusals),
        *_counter("dogdb_webhook_events_total", "outcome", metrics.events),
        "# TYPE dogdb_webhook_groups_total counter",
        f"dogdb_webhook_groups_total {metrics.groups}",
        "# TYPE dogdb_webhook_queue_length gauge",
        f"dogdb_webhook_queue_length {waiting}",
        "# TYPE dogdb_webhook_database_connected gauge",
        f"dogdb_webhook_database_connected {int(is_connected)}",
        *histogram,
        f"{name}_sum {metrics.total_seconds:.6f}",
        f"{name}_count {sofar}",
    ]
    return "\n".join(lines) + "\n"
