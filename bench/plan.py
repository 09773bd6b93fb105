"""How long and how large a run is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """Sizes and durations; `full` plans are the ones that targets with a size are judged by."""

    name: str
    full: bool
    rounds: int
    few_rounds: int  # where a round has several loads
    seconds: float  # of one load
    warm_up: float  # seconds of load that are not counted
    hot_names: int
    wide_names: int
    many_zones: int
    creates: int  # one after another
    crowd_seconds: float
    import_records: int
    large_zone: int
    large_creates: int
    export_zones: int
    export_changes: int


FULL = Plan(
    name="full",
    full=True,
    rounds=5,
    few_rounds=3,
    seconds=3.0,
    warm_up=1.0,
    hot_names=10_000,
    wide_names=1_000_000,
    many_zones=100_000,
    creates=500,
    crowd_seconds=4.0,
    import_records=10_000,
    large_zone=100_000,
    large_creates=20,
    export_zones=10_000,
    export_changes=5,
)

SHORT = Plan(
    name="short",
    full=False,
    rounds=2,
    few_rounds=2,
    seconds=0.5,
    warm_up=0.2,
    hot_names=10_000,
    wide_names=20_000,
    many_zones=500,
    creates=60,
    crowd_seconds=1.0,
    import_records=10_000,
    large_zone=20_000,
    large_creates=10,
    export_zones=200,
    export_changes=2,
)
