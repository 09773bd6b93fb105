"""What HTTP bounds: connections, times, requests, bodies, and what each caller asks."""

import contextlib
import gzip
import json
import secrets
import socket
import time
from collections.abc import Callable

import pytest

from tests.dozens.caller import Dozens
from tests.live.http import PREFIX, Caller, Reply
from tests.live.server import Account, Server

Own = Callable[..., Server]
PATH = "/dns-zones/"


def connect(server: Server, source: str = "127.0.0.1") -> socket.socket:
    address = ("127.0.0.1", server.http_port)
    return socket.create_connection(address, timeout=20, source_address=(source, 0))


def is_open(connection: socket.socket) -> bool:
    """Ask for the health over a connection; tell whether an answer comes."""
    try:
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        return connection.recv(4096).startswith(b"HTTP/1.1 200")
    except ConnectionError:
        return False


def assert_ends(connection: socket.socket, within: float) -> bytes:
    """Read until the server closes; give what came."""
    connection.settimeout(within)
    came = b""
    with contextlib.suppress(ConnectionError):
        while octets := connection.recv(65536):
            came += octets
    return came


def test_an_address_holds_no_more_connections_than_allowed_and_keeps_the_latest(
    own_server: Own,
) -> None:
    server = own_server(NSD_HTTP_CONNECTIONS_PER_ADDRESS="3")
    other = connect(server, "127.0.0.2")
    mine = [connect(server) for _ in range(6)]
    assert [is_open(one) for one in mine] == [False] * 3 + [True] * 3
    assert is_open(other)
    for one in (other, *mine):
        one.close()


def test_in_all_no_more_connections_are_open_than_allowed(own_server: Own) -> None:
    server = own_server(NSD_HTTP_CONNECTIONS="4")
    many = [connect(server, f"127.0.0.{number}") for number in range(2, 12)]
    assert sum(is_open(one) for one in many) == 4
    for one in many:
        one.close()


def test_half_a_request_line_ends_after_ten_seconds(server: Server) -> None:
    with connect(server) as connection:
        connection.sendall(b"GET /hea")
        began = time.monotonic()
        assert_ends(connection, 20)
        assert 8 < time.monotonic() - began < 15


def test_a_body_that_drips_is_answered_with_408(server: Server, account: Account) -> None:
    head = (
        f"POST {PREFIX}{PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {account.api.token}\r\n"
        "Content-Type: application/json\r\nContent-Length: 1000000\r\n\r\n"
    )
    with connect(server) as connection:
        connection.sendall(head.encode())
        connection.settimeout(0.2)
        came, until = b"", time.monotonic() + 20
        while not came and time.monotonic() < until:
            connection.sendall(b" ")
            with contextlib.suppress(TimeoutError):
                came = connection.recv(4096)
    assert came.startswith(b"HTTP/1.1 408 "), came


def test_more_requests_at_once_than_allowed_are_503_with_retry_after(own_server: Own) -> None:
    server = own_server(NSD_HTTP_REQUESTS="2")
    account = server.account()
    head = (
        f"POST {PREFIX}{PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {account.api.token}\r\n"
        "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n"
    )
    with connect(server) as first, connect(server) as second:
        for one in (first, second):
            one.sendall(head.encode())
        reply = eventually_refused(account.api)
        assert reply.headers["Retry-After"] == "1"
        reply.refusal(503, "unavailable")
    until = time.monotonic() + 10
    while account.api.get(PATH).status == 503:
        assert time.monotonic() < until, "aborted requests still hold their places"
    account.api.post(PATH, {"domain": f"{secrets.token_hex(6)}.example"}).expect(201)


def eventually_refused(api: Caller) -> Reply:
    until = time.monotonic() + 10
    while (reply := api.get(PATH)).status == 200:
        assert time.monotonic() < until, "the requests under way are not counted"
    return reply


def test_bodies_under_way_have_a_budget_that_aborted_ones_give_back(own_server: Own) -> None:
    server = own_server(NSD_HTTP_BODIES_SIZE="2MiB", NSD_HTTP_MAX_ZONE_FILE="1500KiB")
    account = server.account()
    uuid = account.api.post(PATH, {"domain": "large.example"}).expect(201)["uuid"]
    head = (
        f"PUT {PREFIX}{PATH}{uuid}/zonefile/ HTTP/1.1\r\nHost: x\r\nContent-Type: text/dns\r\n"
        f"Authorization: Bearer {account.api.token}\r\nContent-Length: 1500000\r\n\r\n"
    )
    soa = "@ SOA ns1 hostmaster 7 7200 900 1209600 300\n"
    text = f"{soa}www A 192.0.2.1 ; {'x' * 1_000_000}\n"
    for _ in range(3):
        with connect(server) as connection:
            connection.sendall(head.encode() + b";" * 1_400_000)
            until = time.monotonic() + 10
            while (reply := account.api.put_zone_file(uuid, text)).status == 200:
                assert time.monotonic() < until, "the body under way is not counted"
            reply.refusal(503, "unavailable")
    until = time.monotonic() + 10
    while account.api.put_zone_file(uuid, text).status == 503:
        assert time.monotonic() < until, "an aborted body still holds its room"


def test_bodies_of_one_account_leave_room_for_another_s(own_server: Own) -> None:
    server = own_server(NSD_HTTP_BODIES_SIZE="8MiB", NSD_HTTP_MAX_ZONE_FILE="2MiB")
    greedy, other = server.account(), server.account()
    uuid = greedy.api.post(PATH, {"domain": "greedy.example"}).expect(201)["uuid"]
    theirs = other.api.post(PATH, {"domain": "other.example"}).expect(201)["uuid"]
    head = (
        f"PUT {PREFIX}{PATH}{uuid}/zonefile/ HTTP/1.1\r\nHost: x\r\nContent-Type: text/dns\r\n"
        f"Authorization: Bearer {greedy.api.token}\r\nContent-Length: 1900000\r\n\r\n"
    )
    text = f"@ SOA ns h 1 7200 900 1209600 300\nwww A 192.0.2.1 ; {'x' * 1_000_000}\n"
    with contextlib.ExitStack() as open_:
        for _ in range(8):
            connection = open_.enter_context(connect(server))
            connection.sendall(head.encode() + b";" * 1000)
        until = time.monotonic() + 10
        while greedy.api.put_zone_file(uuid, text).status == 200:
            assert time.monotonic() < until, "the bodies under way are not counted"
        other.api.put_zone_file(theirs, text).expect(200)
        greedy.api.post(PATH, {"domain": "small.example"}).expect(201)


def test_a_packed_body_is_refused_unread(account: Account) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    packed = gzip.compress(json.dumps({"domain": "x.example"}).encode())
    account.api.call("POST", PATH, packed, headers).refusal(415, "unsupported_media_type")
    account.api.call("POST", PATH, b"no gzip", headers).refusal(415, "unsupported_media_type")


@pytest.fixture
def limited(own_server: Own) -> Server:
    return own_server(
        NSD_HTTP_ACCOUNT_RATE="0.1",
        NSD_HTTP_ACCOUNT_BURST="20",
        NSD_HTTP_ADDRESS_RATE="0.1",
        NSD_HTTP_ADDRESS_BURST="20",
        NSD_HTTP_FAILURE_RATE="0.1",
        NSD_HTTP_FAILURE_BURST="5",
    )


def test_an_account_that_asks_too_much_is_told_when_to_ask_again_and_others_are_served(
    limited: Server,
) -> None:
    greedy, other, admin = limited.account(), limited.account(), limited.account(admin=True)
    replies = [greedy.api.get(PATH) for _ in range(30)]
    assert [reply.status for reply in replies] == [200] * 20 + [429] * 10
    replies[-1].refusal(429, "throttled")
    assert 1 <= int(replies[-1].headers["Retry-After"]) <= 10
    other.api.get(PATH).expect(200)
    assert {admin.api.get(PATH).status for _ in range(40)} == {200}, "administrators provision"


def test_a_write_costs_as_much_as_five_reads(limited: Server) -> None:
    account = limited.account()
    statuses = [account.api.post(PATH, {"domain": "no name"}).status for _ in range(6)]
    assert statuses == [400] * 4 + [429] * 2


def test_a_second_token_gives_an_account_no_second_share(limited: Server) -> None:
    account = limited.account()
    second = limited.caller(account.id)
    statuses = [api.get(PATH).status for _ in range(15) for api in (account.api, second)]
    assert statuses == [200] * 20 + [429] * 10


def test_credentials_that_fail_again_and_again_end_in_429_for_their_address(
    limited: Server,
) -> None:
    stranger = Caller(limited.http_port, "vps_unknown")
    replies = [stranger.get(PATH) for _ in range(8)]
    assert [reply.status for reply in replies] == [401] * 5 + [429] * 3
    assert int(replies[-1].headers["Retry-After"]) >= 1


def test_the_dozens_door_says_429_in_its_own_form(limited: Server) -> None:
    api = Dozens(limited.http_port)
    wrong = {"X_Auth_User": "nobody", "X_Auth_Key": "wrong"}
    replies = [api.call("GET", "authorize.xml", **wrong) for _ in range(7)]
    assert [reply.status for reply in replies] == [401] * 5 + [429] * 2
    assert b"<code>429</code>" in replies[-1].body
    assert "Retry-After" in replies[-1].headers


def test_a_host_that_is_none_is_a_clear_error(server: Server, account: Account) -> None:
    for host in ("x:99999999", "a b", "[x]"):
        reply = account.api.get(f"{PATH}?page=1", Host=host)
        assert reply.status == 400, (host, reply)
    assert "Traceback" not in server.process.output


def test_what_is_no_http_gets_json_and_no_version_of_anything(server: Server) -> None:
    with connect(server) as connection:
        connection.sendall(b"\x16\x03\x01 what is this\r\n\r\n")
        came = assert_ends(connection, 10)
    assert b" 400 " in came.splitlines()[0]
    assert json.loads(came.rpartition(b"\r\n\r\n")[2])["error_code"] == "parse_error"
    assert b"Python" not in came
    assert b"aiohttp" not in came
    assert Caller(server.http_port).get(PATH).headers["Server"] == "nsdctl"


def links(server: Server, **headers: str) -> str:
    account = server.account()
    for number in range(2):
        account.api.post(PATH, {"domain": f"{secrets.token_hex(6)}{number}.example"}).expect(201)
    link = account.api.get(f"{PATH}?page=1&page_size=1", **headers).expect(200)["next"]
    assert isinstance(link, str)
    return link


def test_links_believe_only_a_trusted_proxy_about_scheme_and_host(own_server: Own) -> None:
    told = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "dns.example.com"}
    untrusting = own_server()
    here = f"http://127.0.0.1:{untrusting.http_port}/"
    assert links(untrusting, **told).startswith(here)
    trusting = own_server(NSD_HTTP_TRUSTED_PROXIES="127.0.0.1/32")
    assert links(trusting, **told).startswith("https://dns.example.com/api/v1/dns-zones/?")
    nonsense = links(trusting, **{**told, "X-Forwarded-Host": "a b:99999999"})
    assert nonsense.startswith(f"https://127.0.0.1:{trusting.http_port}/")


def test_links_are_those_of_the_public_url_where_one_is_set(own_server: Own) -> None:
    server = own_server(NSD_HTTP_PUBLIC_URL="https://dns.example.com")
    assert links(server, Host="evil.example").startswith("https://dns.example.com/api/v1/")


def test_an_account_holds_no_more_than_a_hundred_day_tokens(own_server: Own) -> None:
    server = own_server(NSD_HTTP_ADDRESS_BURST="10000")
    name = server.account().name
    key = server.control("user", "key", name).stdout.strip()
    api, sent = Dozens(server.http_port), {"X_Auth_User": name, "X_Auth_Key": key}
    held = [api.call("GET", "authorize.json", **sent).expect(200) for _ in range(105)]
    with server.database() as connection:
        (count,) = connection.execute("SELECT count(*) FROM dozens_tokens").fetchone()
    assert count == 100
    Dozens(server.http_port, held[-1]["auth_token"]).get("zone.json")
