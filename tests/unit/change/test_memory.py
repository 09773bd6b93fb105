"""Memory: what is committed is shown and told, whatever those who are told make of it."""

from structlog.testing import capture_logs

from nsd.change.effect import Effect
from nsd.change.memory import Memory, by_apex
from nsd.zone import rrtypes
from nsd.zone.name import WireName, from_text
from nsd.zone.rrset import RRset, pack
from nsd.zone.table import ZoneTable
from nsd.zone.zone import Zone
from tests.unit.change.process import APEX, Open, a

OWNER = from_text("x.a.example.")


def effect(number: int) -> Effect:
    """The change of journal entry `number`: another address at one name."""
    packed = pack(rrtypes.A, 60, bytes((192, 0, 2, number)))
    return Effect(number, APEX, number, number + 1, rrsets={(OWNER, rrtypes.A): RRset(packed)})


def address(memory: Memory) -> int | None:
    found = memory.table.by_apex[APEX].rrset(OWNER, rrtypes.A)
    return None if found is None else found.rdatas[0][-1]


def memory_of_a_zone() -> Memory:
    memory = Memory(ZoneTable())
    memory.table.put(Zone(APEX))
    return memory


def test_an_effect_is_shown_only_if_nothing_unseen_stands_before_it() -> None:
    memory = memory_of_a_zone()
    memory.show_next([effect(1)])
    memory.show_next([effect(3)])
    assert (address(memory), memory.seen) == (1, 1)
    memory.show_next([effect(2), effect(3)])
    assert (address(memory), memory.seen) == (3, 3)


async def test_a_listener_that_raises_harms_neither_the_caller_nor_other_listeners(
    opened: Open,
) -> None:
    process = await opened()
    told: list[WireName] = []

    def defect(_: Effect) -> None:
        raise RuntimeError("a defect")

    process.memory.listeners += [defect, by_apex(told.append)]
    with capture_logs() as lines:
        await process.create(a("x.a.example."))
        await process.edit(lambda change: change.insert(a("y.a.example.")))
    assert told == [APEX, APEX]
    assert process.serial() == (await process.entries())[-1].new_serial
    assert [line["event"] for line in lines] == ["what should follow a change of a zone failed"] * 2
