"""docs/metrics.md against the metrics: every name and kind."""

import re
from pathlib import Path

from nsd import metrics

REFERENCE = Path(__file__).parents[2] / "docs" / "metrics.md"


def test_every_metric_is_in_the_reference_and_no_other() -> None:
    listed = re.findall(r"^\| `(\w+)` \| (\w+) \|", REFERENCE.read_text(), re.MULTILINE)
    real = re.findall(r"^# TYPE (\w+) (\w+)$", metrics.exposition().decode(), re.MULTILINE)
    assert sorted(listed) == sorted(one for one in real if not one[0].endswith("_created"))
