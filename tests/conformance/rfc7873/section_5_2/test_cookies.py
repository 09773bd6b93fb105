"""What a server does with a cookie of each kind."""

import struct
from typing import Any

import dns.message
import pytest

from nsd.server.cookie import Cookies
from tests.conformance.asked import Nameserver, Response, example, option

CLIENT = b"12345678"
SECRET = bytes(range(16))


class Clock:
    """A time that stands still until it is set."""

    now = 1_000_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def serving(clock: Clock, *, required: bool = False) -> Nameserver:
    return example("a A 192.0.2.1\n", cookies=Cookies(SECRET, required=required, wall=clock))


def ask(server: Nameserver, cookie: bytes, **options: Any) -> Response:
    shown = [option(10, cookie)]
    return server.ask("a.example.", use_edns=0, options=shown, **options)


def test_a_client_cookie_alone_gets_a_server_cookie(clock: Clock) -> None:
    reply = ask(serving(clock), CLIENT)
    assert (len(reply.answer), len(reply.options[10])) == (1, 24), reply
    assert reply.options[10].startswith(CLIENT), reply


def test_a_good_cookie_comes_back_as_it_is(clock: Clock) -> None:
    server = serving(clock)
    cookie = ask(server, CLIENT).options[10]
    clock.now += 1799
    assert ask(server, cookie).options[10] == cookie


def test_an_older_cookie_is_renewed(clock: Clock) -> None:
    server = serving(clock, required=True)
    cookie = ask(server, CLIENT).options[10]
    clock.now += 1801
    reply = ask(server, cookie)
    assert reply.rcode == "NOERROR", reply
    assert reply.options[10] != cookie, reply


@pytest.mark.parametrize("seconds", [3601, -301])
def test_a_cookie_from_long_ago_or_from_the_future_is_not_good(clock: Clock, seconds: int) -> None:
    server = serving(clock, required=True)
    cookie = ask(server, CLIENT).options[10]
    clock.now += seconds
    assert ask(server, cookie).rcode == "BADCOOKIE"


def test_a_cookie_is_good_across_the_end_of_32_bits(clock: Clock) -> None:
    clock.now = 2.0**32 - 10
    server = serving(clock, required=True)
    cookie = ask(server, CLIENT).options[10]
    clock.now += 20
    assert ask(server, cookie).rcode == "NOERROR"


@pytest.mark.parametrize("length", [0, 1, 7, 9, 15, 41, 100])
def test_a_length_that_no_cookie_has_is_a_format_error(clock: Clock, length: int) -> None:
    reply = ask(serving(clock), bytes(length))
    assert (reply.rcode, reply.answer, reply.message.edns) == ("FORMERR", [], 0), reply


@pytest.mark.parametrize("cookie", [CLIENT + bytes(8), CLIENT + bytes(16), CLIENT + bytes(32)])
def test_a_server_cookie_that_is_not_ours_is_taken_for_none(clock: Clock, cookie: bytes) -> None:
    reply = ask(serving(clock), cookie)
    assert (reply.rcode, len(reply.answer), len(reply.options[10])) == ("NOERROR", 1, 24), reply


def test_where_cookies_are_required_a_client_without_a_good_one_must_come_again(
    clock: Clock,
) -> None:
    server = serving(clock, required=True)
    reply = ask(server, CLIENT)
    assert (reply.rcode, reply.answer, reply.flags) == ("BADCOOKIE", [], set()), reply
    assert ask(server, reply.options[10]).rcode == "NOERROR"


def test_over_tcp_no_cookie_is_required(clock: Clock) -> None:
    reply = ask(serving(clock, required=True), CLIENT, tcp=True)
    assert (reply.rcode, len(reply.options[10])) == ("NOERROR", 24), reply


def test_a_client_that_speaks_no_cookies_is_answered_even_where_they_are_required(
    clock: Clock,
) -> None:
    assert serving(clock, required=True).ask("a.example.").rcode == "NOERROR"


def test_the_cookie_of_another_address_is_not_good(clock: Clock) -> None:
    server = serving(clock, required=True)
    cookie = ask(server, CLIENT).options[10]
    query = dns.message.make_query("a.example.", "A", use_edns=0)
    query.use_edns(0, options=[option(10, cookie)])
    assert server.send(query.to_wire(), client="192.0.2.98").rcode == "BADCOOKIE"
    assert server.send(query.to_wire(), client="2001:db8::1").rcode == "BADCOOKIE"
    assert server.send(query.to_wire()).rcode == "NOERROR"


def test_a_cookie_can_be_asked_for_without_a_question(clock: Clock) -> None:
    """Section 5.4."""
    opt = b"\x00" + struct.pack(">HHIH", 41, 1232, 0, 12) + struct.pack(">HH", 10, 8) + CLIENT
    reply = serving(clock).send(struct.pack(">HHHHHH", 1, 0, 0, 0, 0, 1) + opt)
    assert (reply.rcode, len(reply.options[10])) == ("NOERROR", 24), reply


def test_a_refusal_carries_the_cookie_too(clock: Clock) -> None:
    shown = [option(10, CLIENT)]
    reply = serving(clock).ask("a.elsewhere.test.", use_edns=0, options=shown)
    assert (reply.rcode, len(reply.options[10])) == ("REFUSED", 24), reply


def test_without_cookies_the_option_is_ignored() -> None:
    assert ask(example("a A 192.0.2.1\n"), CLIENT).options == {}


def test_an_address_with_an_interface_is_one_like_others(clock: Clock) -> None:
    query = dns.message.make_query("a.example.", "A", use_edns=0)
    query.use_edns(0, options=[option(10, CLIENT)])
    assert len(serving(clock).send(query.to_wire(), client="fe80::1%eth0").options[10]) == 24


def test_where_not_all_options_fit_the_cookie_alone_comes(clock: Clock) -> None:
    cookies = Cookies(SECRET, wall=clock)
    server = example("a A 192.0.2.1\n", cookies=cookies, identity="i" * 460)
    wanted = [option(10, CLIENT), option(3)]
    small = server.ask("a.example.", use_edns=0, payload=512, options=wanted)
    assert (list(small.options), len(small.options[10])) == ([10], 24), small
    assert len(small.wire) <= 512, small
    large = server.ask("a.example.", use_edns=0, payload=1232, options=wanted)
    assert (sorted(large.options), large.answer) == ([3, 10], small.answer), large
