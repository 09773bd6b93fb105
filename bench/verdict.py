"""Each target beside what was found."""

from collections.abc import Iterable
from dataclasses import dataclass

from bench.ledger import Ledger
from bench.plan import Plan
from bench.target import Target


@dataclass(frozen=True, slots=True)
class Verdict:
    target: Target
    found: float | None
    judged: bool

    @property
    def word(self) -> str:
        if not self.judged or self.found is None:
            return "not measured" if self.found is None else "not judged at this size"
        return "reached" if self.target.reached(self.found) else "missed"

    @property
    def shown(self) -> str:
        return "" if self.found is None else self.target.show(self.found)


def judge(targets: Iterable[Target], ledger: Ledger, plan: Plan) -> list[Verdict]:
    return [
        Verdict(target, target.value(ledger), plan.full or not target.full_size)
        for target in targets
    ]
