"""Any valid stream of changes gives the zone that the changes lead to, however it is split."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from nsd.copy.assembly import Assembly, Fetched
from nsd.zone import name, rrtypes
from nsd.zone.name import WireName
from nsd.zone.record import Record
from nsd.zone.soa import Soa

APEX = name.from_text("example.com.")
OWNERS = [APEX, *(name.from_text(text, APEX) for text in ("www", "mail", "a.b"))]
STRANGER = Record(name.from_text("ns.example.org."), rrtypes.A, 300, bytes(4))

Place = tuple[WireName, bytes]  # owner and address
State = dict[Place, int]  # TTL by place

states = st.dictionaries(
    st.tuples(st.sampled_from(OWNERS), st.sampled_from([bytes((192, 0, 2, n)) for n in range(3)])),
    st.sampled_from([60, 300]),
)
histories = st.lists(states, min_size=2, max_size=6)


def soa(serial: int) -> Record:
    host = name.from_text("ns.example.com.")
    fields = Soa(300, host, host, serial % 2**32, 7200, 900, 1209600, 300)
    return Record(APEX, rrtypes.SOA, fields.ttl, fields.rdata)


def records(state: State) -> list[Record]:
    return [Record(owner, rrtypes.A, ttl, address) for (owner, address), ttl in state.items()]


def changes(history: Sequence[State], serials: Sequence[int]) -> Iterator[Record]:
    """Give the stream of RFC 1995, section 4."""
    yield soa(serials[-1])
    steps = zip(pairwise(history), pairwise(serials), strict=True)
    for (before, after), (from_serial, to_serial) in steps:
        yield soa(from_serial)
        yield from set(records(before)) - set(records(after))
        yield soa(to_serial)
        yield from set(records(after)) - set(records(before))
    yield soa(serials[-1])


def whole(state: State, serial: int) -> list[Record]:
    """Give the stream of RFC 5936, section 2.2."""
    return [soa(serial), *records(state), soa(serial)]


def split(stream: list[Record], data: st.DataObject) -> Iterator[tuple[Record, ...]]:
    """Put a stream into messages, none of them empty, and records of others into the stream."""
    first = min(2, len(stream) - 1)  # the second record tells the form
    at = data.draw(st.integers(first, len(stream) - 1), label="where a stranger stands")
    stream = [*stream[:at], STRANGER, *stream[at:]]
    cuts = data.draw(st.sets(st.integers(1, len(stream) - 1)), label="where messages end")
    for start, end in pairwise([0, *sorted(cuts), len(stream)]):
        yield tuple(stream[start:end])


def assembled(held: int | None, messages: Iterator[tuple[Record, ...]]) -> Fetched:
    assembly = Assembly(APEX, None if held is None else held % 2**32)
    for message in messages:
        assert not assembly.is_done, "it was done before the end"
        assembly.add(message)
    assert assembly.is_done, "the transfer is not complete"
    return assembly.fetched


def applied(before: State, fetched: Fetched) -> State:
    """Give what a zone becomes; changes must fit what is there."""
    state = {} if fetched.is_whole else dict(before)
    for one in fetched.removed.values():
        del state[one.owner, one.rdata]
    for one in fetched.added.values():
        assert (one.owner, one.rdata) not in state
        state[one.owner, one.rdata] = one.ttl
    return state


@st.composite
def serials_of(draw: st.DrawFn, versions: int) -> list[int]:
    """Give serials, each newer than the one before, the last newer than the first."""
    serials = [draw(st.integers(0, 2**32 - 1))]
    most = (2**31 - 1) // versions
    while len(serials) < versions:
        serials.append(serials[-1] + draw(st.integers(1, most)))
    return serials


@given(histories, st.data())
def test_changes_lead_where_they_say(history: list[State], data: st.DataObject) -> None:
    serials = data.draw(serials_of(len(history)))
    stream = list(changes(history, serials))
    fetched = assembled(serials[0], split(stream, data))
    assert applied(history[0], fetched) == history[-1]
    assert fetched.soa is not None
    assert fetched.soa.serial == serials[-1] % 2**32


@given(states, states, st.booleans(), st.data())
def test_a_whole_zone_replaces_what_there_was(
    before: State, after: State, is_new: bool, data: st.DataObject
) -> None:
    held, serial = data.draw(serials_of(2))
    fetched = assembled(None if is_new else held, split(whole(after, serial), data))
    assert fetched.is_whole
    assert applied(before, fetched) == after


@given(histories, st.data())
def test_no_part_of_a_stream_is_taken_for_all_of_it(
    history: list[State], data: st.DataObject
) -> None:
    serials = data.draw(serials_of(len(history)))
    for stream in (list(changes(history, serials)), whole(history[-1], serials[-1])):
        assembly = Assembly(APEX, serials[0] % 2**32)
        for record in stream[:-1]:
            assembly.add((record,))
            assert not assembly.is_done
