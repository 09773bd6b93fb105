"""What a campaign counted."""

from collections import Counter
from dataclasses import dataclass, field

from rich.console import Group
from rich.table import Table

from tests.conformance.campaign.classes import explain
from tests.conformance.campaign.reply import Reply
from tests.conformance.campaign.run import Batch, Case


@dataclass(frozen=True)
class Unexplained:
    """A case in which one peer differs from ours for no known reason."""

    peer: str
    case: Case


@dataclass
class Tally:
    """Counts over all batches so far."""

    cases: int = 0
    asked: Counter[str] = field(default_factory=Counter)
    same: Counter[str] = field(default_factory=Counter)
    classes: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    shapes: Counter[str] = field(default_factory=Counter)
    unexplained: list[Unexplained] = field(default_factory=list)

    def add(self, batch: Batch) -> None:
        """Judge all cases of a batch."""
        self.refused.update({server: len(worlds) for server, worlds in batch.refused.items()})
        for case in batch.cases:
            self._judge(case)

    def _judge(self, case: Case) -> None:
        self.cases += 1
        ours = case.replies["ours"]
        self.shapes[shape(ours)] += 1
        for peer, theirs in case.replies.items():
            if peer != "ours":
                self._compare(peer, case, ours, theirs)

    def _compare(self, peer: str, case: Case, ours: Reply, theirs: Reply) -> None:
        self.asked[peer] += 1
        reasons = explain(peer, case.placed, case.question, ours, theirs)
        if reasons is None:
            self.unexplained.append(Unexplained(peer, case))
        elif not reasons:
            self.same[peer] += 1
        self.classes.update(reasons or ())

    def tables(self) -> Group:
        """Show all counts."""
        return Group(self._agreement(), _counts("differences", self.classes), self._shapes())

    def _agreement(self) -> Table:
        table = Table(title=f"{self.cases} cases")
        for column in ("peer", "asked", "same", "explained", "unexplained", "worlds refused"):
            table.add_column(column, justify="left" if column == "peer" else "right")
        for peer, asked in self.asked.items():
            left = sum(1 for one in self.unexplained if one.peer == peer)
            counts = (asked, self.same[peer], asked - self.same[peer] - left, left)
            table.add_row(peer, *map(str, counts), str(self.refused[peer]))
        return table

    def _shapes(self) -> Table:
        return _counts("what ours answered", self.shapes)


def _counts(title: str, counter: Counter[str]) -> Table:
    table = Table(title=title)
    table.add_column("")
    table.add_column("cases", justify="right")
    for name, count in counter.most_common():
        table.add_row(name, str(count))
    return table


def shape(reply: Reply) -> str:
    """Say in a word or two what kind of answer this is."""
    aliases = sum(" cname " in line for line in reply.answer)
    end = _end(reply, aliases)
    return f"alias, {end}" if aliases else end


def _end(reply: Reply, aliases: int) -> str:
    if reply.rcode != "NOERROR":
        return reply.rcode
    if reply.is_referral:
        return "referral with glue" if reply.additional else "referral"
    if reply.authority:
        return "NODATA"
    data = len(reply.answer) > aliases + sum(" dname " in line for line in reply.answer)
    return "data" if data else "nothing more"
