"""The rules of a transfer in: what breaks them is refused, and says why."""

import pytest

from nsd.copy.assembly import Assembly, Fetched
from nsd.errors import BadTransfer
from nsd.zone import name, rrtypes
from nsd.zone.record import Record
from nsd.zone.soa import Soa

APEX = name.from_text("example.com.")


def soa(serial: int) -> Record:
    host = name.from_text("ns.example.com.")
    return Record(
        APEX, rrtypes.SOA, 300, Soa(300, host, host, serial, 7200, 900, 1209600, 300).rdata
    )


def a(owner: str, last: int = 1) -> Record:
    return Record(name.from_text(owner, APEX), rrtypes.A, 300, bytes((192, 0, 2, last)))


def assembled(held: int | None, *records: Record) -> Fetched:
    assembly = Assembly(APEX, held)
    for record in records:  # one message each
        assembly.add((record,))
    assert assembly.is_done, "the transfer is not complete"
    return assembly.fetched


def owners(fetched: Fetched) -> list[str]:
    return sorted(name.to_text(owner) for owner, *_ in fetched.added)


def test_a_whole_zone_is_read() -> None:
    fetched = assembled(None, soa(5), a("www"), a("mail"), soa(5))
    assert fetched.is_whole
    assert owners(fetched) == ["mail.example.com.", "www.example.com."]


def test_changes_in_several_steps_add_up() -> None:
    fetched = assembled(
        3, soa(5), soa(3), a("old"), soa(4), a("www"), soa(4), a("www"), soa(5), a("new"), soa(5)
    )
    assert not fetched.is_whole
    assert owners(fetched) == ["new.example.com."]
    assert [name.to_text(owner) for owner, *_ in fetched.removed] == ["old.example.com."]
    assert fetched.soa is not None
    assert fetched.soa.serial == 5


def test_a_whole_zone_may_answer_a_question_for_changes() -> None:
    assert assembled(3, soa(5), a("www"), soa(5)).is_whole


def test_a_lone_soa_of_the_same_serial_says_that_nothing_has_changed() -> None:
    assert assembled(5, soa(5)).soa is None


def test_a_whole_zone_of_the_same_serial_says_that_nothing_has_changed() -> None:
    assembly = Assembly(APEX, 5)
    assembly.add((soa(5), a("www"), soa(5)))
    assert assembly.is_done
    assert assembly.fetched == Fetched()


def test_a_record_outside_the_zone_is_left_out() -> None:
    foreign = Record(name.from_text("www.example.org."), rrtypes.A, 300, bytes(4))
    assert owners(assembled(None, soa(5), a("www"), foreign, soa(5))) == ["www.example.com."]


@pytest.mark.parametrize(
    ("held", "records", "why"),
    [
        (None, [a("www")], "not the zone's SOA"),
        (5, [soa(3)], "smaller than ours"),
        (5, [soa(3), a("www"), soa(3)], "smaller than ours"),
        (None, [soa(5), a("www"), soa(6)], "another SOA inside"),
        (3, [soa(5), soa(3), a("x"), soa(3)], "not newer"),
        (3, [soa(5), soa(3), soa(4), soa(3)], "follow those to 4"),
        (3, [soa(6), soa(3), soa(4), a("x"), soa(6)], "follow those to 4"),
        (
            None,
            [soa(5), Record(APEX, rrtypes.A, 300, b"\1\2\3")],
            "bad A record at example.com.: an address of 3 octets",
        ),
        (None, [soa(5), Record(APEX, rrtypes.MX, 300, b"\0\1\7broken")], "bad MX record"),
        (None, [soa(5), Record(APEX, rrtypes.TXT, 300, b"\7short")], "bad TXT record"),
        (None, [soa(5), Record(APEX, 250, 300, b"")], "bad TSIG record"),
        (None, [Record(APEX, rrtypes.SOA, 300, b"\0\0\1")], "malformed SOA"),
    ],
)
def test_what_breaks_the_rules_is_refused(
    held: int | None, records: list[Record], why: str
) -> None:
    with pytest.raises(BadTransfer, match=why):
        assembled(held, *records)


def test_records_after_the_end_are_refused() -> None:
    with pytest.raises(BadTransfer, match="after the end"):
        Assembly(APEX, None).add((soa(5), soa(5), a("www")))
