"""Queries per second as horizontal bars, in an SVG of its own making."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from bench.ledger import Ledger
from bench.target import OURS
from bench.workload.workload import Workload

_WIDTH = 760
_LABEL = 190
_BAR = 18
_GAP = 6
_HEAD = 34
_STYLE = """\
text { font: 13px system-ui, sans-serif; fill: #333 }
.title { font-weight: 600 }
.value { fill: #666 }
.peer { fill: #a9b4c2 }
.ours { fill: #2f6fde }
@media (prefers-color-scheme: dark) {
  text { fill: #ddd } .value { fill: #aaa } .peer { fill: #5b6675 } .ours { fill: #6ea0ff }
}"""


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    value: float
    ours: bool


def draw(workloads: Sequence[Workload], ledger: Ledger, titles: Mapping[str, str]) -> str:
    """One group of bars for each workload, by its first metric, the longest first."""
    groups = [(workload, _bars(workload, ledger, titles)) for workload in workloads]
    parts, y = [], 0
    for workload, bars in groups:
        if len(bars) > 1:
            heading = f"{workload.name}: {workload.metrics[0].heading}"
            parts.append(_group(heading, bars, y))
            y += _HEAD + len(bars) * (_BAR + _GAP)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {y + _GAP}" role="img">\n'
        f"<style>\n{_STYLE}\n</style>\n{''.join(parts)}</svg>\n"
    )


def _bars(workload: Workload, ledger: Ledger, titles: Mapping[str, str]) -> list[Bar]:
    metric = workload.metrics[0]
    found = [
        Bar(titles[subject], value * metric.scale, subject == OURS)
        for subject in ledger.subjects(workload.name)
        if (value := ledger.median(workload.name, subject, metric)) is not None
    ]
    return sorted(found, key=lambda bar: -bar.value)


def _group(heading: str, bars: list[Bar], top: int) -> str:
    longest = max(bar.value for bar in bars) or 1
    lines = [f'<text class="title" x="8" y="{top + 22}">{escape(heading)}</text>']
    for number, bar in enumerate(bars):
        lines += _bar(bar, top + _HEAD + number * (_BAR + _GAP), longest)
    return "".join(f"{line}\n" for line in lines)


def _bar(bar: Bar, y: int, longest: float) -> list[str]:
    width = (_WIDTH - _LABEL - 90) * bar.value / longest
    base = y + _BAR - 5
    kind = "ours" if bar.ours else "peer"
    shown = f"{bar.value:,.0f}" if bar.value >= 100 else f"{bar.value:.2f}"
    return [
        f'<text x="{_LABEL - 8}" y="{base}" text-anchor="end">{escape(bar.label)}</text>',
        f'<rect class="{kind}" x="{_LABEL}" y="{y}" width="{width:.1f}" height="{_BAR}" rx="2"/>',
        f'<text class="value" x="{_LABEL + width + 6:.1f}" y="{base}">{shown}</text>',
    ]
