"""The process's metrics, in the Prometheus text format; `docs/metrics.md` lists them."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

REGISTRY: Final = CollectorRegistry()
CONTENT_TYPE: Final = CONTENT_TYPE_LATEST

ALIAS_LOOKUPS: Final = Counter(
    "nsd_alias_lookups_total",
    "Look-ups of ALIAS targets outside of our zones, by what came of them.",
    ["outcome"],
    registry=REGISTRY,
)
ALIAS_TARGETS: Final = Gauge(
    "nsd_alias_targets",
    "ALIAS targets outside of our zones that are kept resolved.",
    registry=REGISTRY,
)
ALIAS_FAILING: Final = Gauge(
    "nsd_alias_targets_failing",
    "Those of them whose last look-up failed; their last addresses stand.",
    registry=REGISTRY,
)
ALIAS_WITHDRAWN: Final = Counter(
    "nsd_alias_withdrawn_total",
    "ALIAS targets whose addresses were withdrawn, by the reason.",
    ["reason"],
    registry=REGISTRY,
)
SECONDARY_UP: Final = Gauge(
    "nsd_secondary_up", "Whether a secondary answers.", ["secondary"], registry=REGISTRY
)
SECONDARY_ZONES: Final = Gauge(
    "nsd_secondary_zones",
    "Zones that a secondary was asked for.",
    ["secondary"],
    registry=REGISTRY,
)
SECONDARY_ZONES_BEHIND: Final = Gauge(
    "nsd_secondary_zones_behind",
    "Zones that a secondary does not serve as it should.",
    ["secondary"],
    registry=REGISTRY,
)
SECONDARY_LAG: Final = Gauge(
    "nsd_secondary_lag_seconds",
    "For how long the oldest of them waits.",
    ["secondary"],
    registry=REGISTRY,
)
BACKGROUND_FAILING: Final = Gauge(
    "nsd_background_failing",
    "Whether work beside requests keeps failing.",
    ["work"],
    registry=REGISTRY,
)
RATE_LIMITED: Final = Counter(
    "nsd_rate_limited_total",
    "Responses over UDP beyond their rate, by what they were about and what became of them.",
    ["about", "outcome"],
    registry=REGISTRY,
)
for _outcome in ("found", "gone", "failed"):
    ALIAS_LOOKUPS.labels(_outcome)
for _reason in ("gone", "failing"):
    ALIAS_WITHDRAWN.labels(_reason)


def exposition() -> bytes:
    """Write all metrics."""
    return generate_latest(REGISTRY)
