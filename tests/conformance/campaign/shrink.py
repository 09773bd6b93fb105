"""Makes an unexplained case as small as is cheap: fewer records, fewer zones, one peer."""

from dataclasses import replace

from tests.conformance.campaign.classes import explain
from tests.conformance.campaign.peers import PROGRAMS
from tests.conformance.campaign.run import Case, Ours, ask, servers
from tests.conformance.campaign.tally import Unexplained
from tests.conformance.campaign.world import World, place

ROUNDS = 30


def shrink(found: Unexplained, ours: Ours) -> Unexplained:
    """Leave out records and zones, one at a time, as long as the difference stays."""
    world = replace(found.case.placed.world, questions=(found.case.question,))
    for _ in range(ROUNDS):
        smaller = _still_unexplained(found.peer, world.smaller(), ours)
        if smaller is None:
            break
        found, world = Unexplained(found.peer, smaller), smaller.placed.world
    return found


def _still_unexplained(peer: str, worlds: list[World], ours: Ours) -> Case | None:
    if not worlds:
        return None
    placed = place(worlds)
    programs = [program for program in PROGRAMS if program.name == peer]
    with servers(placed, ours, programs) as running:
        batch = ask(placed, running)
    return next((case for case in batch.cases if _differs(peer, case)), None)


def _differs(peer: str, case: Case) -> bool:
    if peer not in case.replies:
        return False
    replies = case.replies
    return explain(peer, case.placed, case.question, replies["ours"], replies[peer]) is None
