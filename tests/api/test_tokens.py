"""Tokens: how they are sent, what ends them, and what the account behind them shows."""

import time
from collections.abc import Callable

import pytest

from nsd.store import tokens
from tests.live.http import Caller
from tests.live.server import Account, Server, eventually


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_schemes_case_does_not_matter(server: Server, account: Account, scheme: str) -> None:
    headers = {"Authorization": f"{scheme} {account.api.token}"}
    Caller(server.http_port).get("/account/me/", **headers).expect(200)


@pytest.mark.parametrize("header", ["", "   "])
def test_an_empty_header_is_no_token(server: Server, header: str) -> None:
    reply = Caller(server.http_port).get("/account/me/", Authorization=header)
    reply.refusal(401, "not_authenticated")


@pytest.mark.parametrize(
    "header",
    [
        "Bearer vps_" + "x" * 40,
        "Bearer",
        "Bearer sk_live_1234",
        "Basic dnBzX3g6eA==",
        "vps_" + "x" * 40,
        "Bearer vps_\u00fc",
    ],
)
def test_a_token_that_is_none_fails_to_authenticate(server: Server, header: str) -> None:
    encoded = header.encode().decode("latin-1")
    reply = Caller(server.http_port).get("/account/me/", Authorization=encoded)
    reply.refusal(401, "authentication_failed")
    assert reply.headers["WWW-Authenticate"] == "Bearer"


def test_the_account_shows_who_speaks_and_what_the_token_may(
    server: Server, account: Account
) -> None:
    caller = server.caller(account.id, "dns:list", "dns:update")
    assert caller.get("/account/me/").expect(200) == {
        "account": {"username": account.name, "email": f"{account.name}@example.net"},
        "token": {"name": "test", "permissions": ["dns:list", "dns:update"]},
    }


def test_an_expired_token_is_refused(server: Server, account: Account) -> None:
    lasting = server.caller(account.id, expires_at=int(time.time()) + 3600)
    lasting.get("/account/me/").expect(200)
    expired = server.caller(account.id, expires_at=int(time.time()))
    detail = expired.get("/account/me/").refusal(401, "authentication_failed")
    assert "expired" in detail


def test_a_token_is_refused_outside_its_networks(server: Server, account: Account) -> None:
    near = server.caller(account.id, networks=("192.0.2.0/24", "127.0.0.0/8"))
    near.get("/account/me/").expect(200)
    far = server.caller(account.id, networks=("192.0.2.0/24", "2001:db8::/32"))
    assert "address" in far.get("/account/me/").refusal(401, "authentication_failed")


def test_only_trusted_proxies_tell_where_a_call_comes_from(
    server: Server, account: Account
) -> None:
    far = server.caller(account.id, networks=("192.0.2.0/24",))
    reply = far.get("/account/me/", **{"X-Forwarded-For": "192.0.2.1"})
    reply.refusal(401, "authentication_failed")


def test_a_trusted_proxy_tells_where_a_call_comes_from(own_server: Callable[..., Server]) -> None:
    server = own_server(NSD_HTTP_TRUSTED_PROXIES="127.0.0.0/8 198.51.100.0/24")
    account = server.account()
    far = server.caller(account.id, networks=("192.0.2.0/24", "2001:db8::/32"))
    for forwarded, status in (
        ("192.0.2.1", 200),
        ("2001:db8::1", 200),
        ("203.0.113.9, 192.0.2.1", 200),
        ("192.0.2.1, 198.51.100.7", 200),
        ("192.0.2.1, 203.0.113.9", 401),
        ("nonsense", 401),
        ("192.0.2.1, nonsense", 401),
        ("", 401),
        (",", 401),
        ("192.0.2.1:8080", 401),
    ):
        reply = far.get("/account/me/", **{"X-Forwarded-For": forwarded})
        assert reply.status == status, (forwarded, reply)
    lines = {"X-Forwarded-For": "192.0.2.1", "x-forwarded-for": "203.0.113.9"}
    assert far.get("/account/me/", **lines).status == 401, "the proxy's own line is the last"


def test_a_revoked_token_is_refused_within_a_second(server: Server, account: Account) -> None:
    caller = server.caller(account.id)
    caller.get("/account/me/").expect(200)
    assert caller.token is not None
    with server.database() as connection:
        token = tokens.by_hash(connection, tokens.digest(caller.token))
        assert token is not None
        tokens.revoke(connection, token.id)
    eventually(
        lambda: caller.get("/account/me/").status == 401, within=1.5, why="a revoked token ends"
    )
    detail = caller.get("/account/me/").refusal(401, "authentication_failed")
    assert "revoked" in detail


def test_the_store_holds_no_token_but_only_hashes(server: Server, account: Account) -> None:
    assert account.api.token is not None
    account.api.get("/account/me/").expect(200)
    secret = account.api.token.encode()
    for file in server.data.iterdir():
        assert secret not in file.read_bytes(), file
