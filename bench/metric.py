"""What is measured: its unit, and how it is shown."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Metric:
    """`scale` turns the stored value (seconds, shares, bytes, counts) into the shown unit."""

    key: str
    title: str
    unit: str = ""
    scale: float = 1.0
    digits: int = 0

    def show(self, value: float) -> str:
        return f"{value * self.scale:,.{self.digits}f}"

    @property
    def heading(self) -> str:
        return f"{self.title}, {self.unit}" if self.unit else self.title


QPS = Metric("qps", "queries/s")
CPU = Metric("cpu", "CPU per query", "µs", 1e6, 2)
BUSY = Metric("busy", "core busy", "%", 100)
LOST = Metric("lost", "lost", "%", 100, 3)
MEMORY = Metric("memory", "memory", "MB")
START = Metric("start", "start to first answer", "s", 1, 2)
