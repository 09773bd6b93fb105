"""Responses that are cut short."""

import time

import dns.edns
import dns.flags
import dns.message
import pytest

from nsd.message.transport import Transport
from nsd.server.cookie import Cookies
from nsd.server.truncation import cut_short
from tests.conformance.asked import CLIENT, Nameserver

SERVER = Nameserver(
    {"example.": "a A 192.0.2.1\nbig TXT " + " ".join(['"' + "x" * 200 + '"'] * 4) + "\n"},
    cookies=Cookies(b"k" * 16, wall=time.time),
    identity="one",
)
NSID = dns.edns.GenericOption(dns.edns.OptionType.NSID, b"")
COOKIE = dns.edns.GenericOption(dns.edns.OptionType.COOKIE, b"clientXX")


@pytest.mark.parametrize("name", ["a.example.", "BIG.example.", "missing.example."])
@pytest.mark.parametrize(
    "options", [None, [], [COOKIE], [NSID], [COOKIE, NSID]], ids=["no EDNS", "none", "c", "n", "cn"]
)
def test_question_and_options_stay_and_records_go(
    name: str, options: list[dns.edns.Option] | None
) -> None:
    query = dns.message.make_query(
        name, "TXT", use_edns=options is not None and 0, options=options, payload=1232
    )
    whole = SERVER.responder.respond(query.to_wire(), Transport.UDP, CLIENT)
    assert whole is not None
    before, cut = dns.message.from_wire(whole), dns.message.from_wire(cut_short(whole))
    assert (cut.id, cut.question, cut.edns) == (before.id, before.question, before.edns)
    assert cut.options == before.options
    assert not [*cut.answer, *cut.authority, *cut.additional]
    assert cut.flags == before.flags & ~0xF | dns.flags.TC, "NOERROR, whatever it was"
    assert query.is_response(cut)


def test_it_is_never_longer_than_the_question_and_a_cookie() -> None:
    query = dns.message.make_query("big.example.", "TXT", options=[COOKIE], payload=1232)
    whole = SERVER.responder.respond(query.to_wire(), Transport.UDP, CLIENT)
    assert whole is not None
    assert len(cut_short(whole)) <= len(query.to_wire()) + 16


def test_octets_that_look_like_an_opt_record_are_not_taken_for_one() -> None:
    """Without an OPT record the RDATA that ends the response is none, whatever it holds."""
    opt = bytes.fromhex("000029 04d0 00000000 0000")
    SERVER.add("odd.", f"t TYPE65400 \\# {len(opt)} {opt.hex()}\n")
    query = dns.message.make_query("t.odd.", "TYPE65400", use_edns=False)
    whole = SERVER.responder.respond(query.to_wire(), Transport.UDP, CLIENT)
    assert whole is not None
    assert whole.endswith(opt)
    assert dns.message.from_wire(cut_short(whole)).edns == -1
