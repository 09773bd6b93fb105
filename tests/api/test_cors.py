"""Browsers: origins of the settings are answered, others get nothing that would let them in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.server import Account, Server

ALLOWED = "https://panel.example"
PREFLIGHT = {"Access-Control-Request-Method": "POST"}


@pytest.fixture(scope="module")
def open_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data: Path = tmp_path_factory.mktemp("cors")
    running = Server(
        data, NSD_HTTP_CORS_ORIGINS=f"{ALLOWED} https://b.example", NSD_HTTP_MAX_ZONE_FILE="2000"
    ).start()
    yield running
    running.process.kill()


@pytest.fixture(scope="module")
def caller(open_server: Server) -> Account:
    return open_server.account()


def test_a_preflight_is_answered_without_a_token(open_server: Server) -> None:
    api = open_server.caller(open_server.account().id)
    headers = {**PREFLIGHT, "Origin": ALLOWED, "Authorization": ""}
    reply = api.call("OPTIONS", "/dns-zones/", headers=headers)
    assert (reply.status, reply.body) == (204, b"")
    assert reply.headers["Access-Control-Allow-Origin"] == ALLOWED
    methods = set(reply.headers["Access-Control-Allow-Methods"].split(", "))
    assert {"GET", "POST", "PUT", "PATCH", "DELETE"} <= methods
    names = set(reply.headers["Access-Control-Allow-Headers"].split(", "))
    assert {"Authorization", "Content-Type", "X-Auth-Token"} <= names
    assert "Origin" in reply.headers["Vary"]


@pytest.mark.parametrize(
    ("path", "token", "status"),
    [("/dns-zones/", True, 200), ("/dns-zones/", False, 401), ("/dns-zones/x", True, 404)],
)
def test_answers_and_errors_alike_may_be_read_by_an_allowed_origin(
    caller: Account, path: str, token: bool, status: int
) -> None:
    headers = {"Origin": ALLOWED} | ({} if token else {"Authorization": ""})
    reply = caller.api.call("GET", path, headers=headers)
    assert reply.status == status
    assert reply.headers["Access-Control-Allow-Origin"] == ALLOWED
    assert reply.headers["Vary"] == "Origin"
    assert "Access-Control-Allow-Credentials" not in reply.headers


@pytest.mark.parametrize("origin", ["https://evil.example", "null", f"{ALLOWED}.evil.example"])
def test_another_origin_is_not_let_in(caller: Account, origin: str) -> None:
    reply = caller.api.get("/dns-zones/", Origin=origin)
    assert reply.status == 200
    assert "Access-Control-Allow-Origin" not in reply.headers
    refused = caller.api.call("OPTIONS", "/dns-zones/", headers={**PREFLIGHT, "Origin": origin})
    refused.refusal(405, "method_not_allowed")


def test_no_origin_is_let_in_by_default(account: Account) -> None:
    reply = account.api.get("/dns-zones/", Origin=ALLOWED)
    assert "Access-Control-Allow-Origin" not in reply.headers


def test_a_zone_file_over_the_setting_is_413(caller: Account) -> None:
    zone = caller.api.post("/dns-zones/", {"domain": f"{caller.name}.example"}).expect(201)
    text = "@ SOA ns1 hostmaster 7 7200 900 1209600 300\n"
    whole = text + ";" * (1999 - len(text)) + "\n"
    caller.api.put_zone_file(zone["uuid"], whole).expect(200)
    caller.api.put_zone_file(zone["uuid"], whole + "\n").refusal(413, "payload_too_large")
