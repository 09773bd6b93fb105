"""TC says that something required is missing; what is there are whole RRsets."""

import pytest

from tests.conformance.asked import Nameserver, example

RECORDS = (
    "".join(f"big TXT {'x' * 200}{at}\n" for at in range(5))
    + "alias CNAME big\n"
    + "".join(f"sub NS ns{at}.sub\nns{at}.sub A 192.0.2.{at}\n" for at in range(40))
    + "".join(f"side NS ns{at}.{'y' * 40}\nns{at}.{'y' * 40} A 192.0.2.{at}\n" for at in range(13))
)


@pytest.fixture
def server() -> Nameserver:
    return example(RECORDS)


def test_an_rrset_that_does_not_fit_is_left_out_whole(server: Nameserver) -> None:
    reply = server.ask("big.example.", "TXT")
    assert ("tc" in reply.flags, reply.answer) == (True, []), reply


def test_what_fits_before_it_stays(server: Nameserver) -> None:
    reply = server.ask("alias.example.", "TXT")
    assert "tc" in reply.flags, reply
    assert reply.answer == ["alias.example. 300 CNAME big.example."], reply


def test_over_tcp_all_of_it_comes(server: Nameserver) -> None:
    reply = server.ask("big.example.", "TXT", tcp=True)
    assert ("tc" in reply.flags, len(reply.answer)) == (False, 5), reply


def test_with_edns_all_of_it_comes(server: Nameserver) -> None:
    reply = server.ask("big.example.", "TXT", use_edns=0, payload=1232)
    assert ("tc" in reply.flags, len(reply.answer)) == (False, 5), reply


def test_glue_below_the_cut_that_does_not_fit_sets_tc(server: Nameserver) -> None:
    reply = server.ask("a.sub.example.", use_edns=0, payload=1232)
    assert "tc" in reply.flags, reply  # RFC 9471, section 3.1


def test_other_addresses_that_do_not_fit_do_not_set_tc(server: Nameserver) -> None:
    reply = server.ask("a.side.example.")
    assert "tc" not in reply.flags, reply
    assert len(reply.authority) == 13, reply
    assert len(reply.additional) < 13, reply


@pytest.mark.parametrize("payload", [512, 600, 700, 1000, 1232, 4096])
def test_no_response_is_longer_than_asked_for(server: Nameserver, payload: int) -> None:
    for name in ("big", "alias", "a.sub", "a.side"):
        reply = server.ask(f"{name}.example.", "TXT", use_edns=0, payload=payload)
        assert len(reply.wire) <= min(payload, 1232), reply


def test_a_truncated_response_keeps_its_opt_record(server: Nameserver) -> None:
    reply = server.ask("big.example.", "TXT", use_edns=0, payload=512)
    assert ("tc" in reply.flags, reply.message.edns) == (True, 0), reply
