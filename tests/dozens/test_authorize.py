"""Keys, and the tokens of a day that they are exchanged for."""

import re
import time
from collections.abc import Callable

import pytest

from nsd.store.tokens import digest
from tests.dozens.caller import Dozens, authorized
from tests.live.server import Server, eventually


@pytest.fixture
def name(server: Server) -> str:
    return server.account().name


@pytest.fixture
def key(server: Server, name: str) -> str:
    done = server.control("user", "key", name)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("header", ["X-Auth-{}", "X-auth-{}", "x-auth-{}", "X-AUTH-{}"])
def test_a_key_is_exchanged_for_a_token_of_40_digits_and_nothing_else(
    server: Server, name: str, key: str, method: str, header: str
) -> None:
    headers = {header.format("user"): name, header.format("key"): key}
    reply = Dozens(server.http_port).call(method, "authorize.json", **headers)
    assert reply.status == 200, reply
    assert re.fullmatch(rb'\{"auth_token":"[0-9a-f]{40}"\}', reply.body)
    assert reply.headers["Content-Type"] == "application/json; charset=utf-8"


def test_the_token_comes_in_xml_where_the_path_asks_for_it(
    server: Server, name: str, key: str
) -> None:
    reply = Dozens(server.http_port).call("GET", "authorize.xml", X_Auth_User=name, X_Auth_Key=key)
    assert re.fullmatch(
        r'<\?xml version="1\.0" encoding="UTF-8"\?><response><auth_token>[0-9a-f]{40}'
        r"</auth_token></response>",
        reply.text,
    )


@pytest.mark.parametrize(
    ("user", "secret"),
    [("{}", "wrong"), ("nobody", "{}"), ("{}", ""), ("", "{}"), ("{}ü", "{}"), ("{}", "{}ü")],
)
def test_a_wrong_user_or_key_is_401_with_an_error_body(
    server: Server, name: str, key: str, user: str, secret: str
) -> None:
    caller = Dozens(server.http_port)
    reply = caller.call(
        "GET",
        "authorize.json",
        X_Auth_User=user.format(name).encode().decode("latin-1"),
        X_Auth_Key=secret.format(key).encode().decode("latin-1"),
    )
    assert reply.expect(401)["code"] == "401"


def test_an_account_without_a_key_cannot_authorize(server: Server, name: str) -> None:
    reply = Dozens(server.http_port).call(
        "GET", "authorize.json", X_Auth_User=name, X_Auth_Key="None"
    )
    reply.expect(401)


@pytest.mark.parametrize("token", ["", "0" * 40, "x", "\xfc"])
@pytest.mark.parametrize("path", ["zone.json", "record/example.com.json"])
def test_a_missing_or_unknown_token_is_401(server: Server, path: str, token: str) -> None:
    reply = Dozens(server.http_port, token).call("GET", path)
    assert reply.expect(401)["code"] == "401"
    assert "WWW-Authenticate" in reply.headers


def test_several_tokens_are_valid_at_once_and_other_headers_beside_them_are_ignored(
    server: Server, name: str, key: str
) -> None:
    caller = Dozens(server.http_port)
    for _ in range(2):
        token = caller.call("GET", "authorize.json", X_Auth_User=name, X_Auth_Key=key).json
        one = Dozens(server.http_port, token["auth_token"])
        reply = one.call("GET", "zone.json", X_Auth_User="other", X_Auth_Key="rubbish")
        assert reply.expect(200) == {"domain": []}


def test_a_token_ends_after_its_day(server: Server, name: str) -> None:
    caller = authorized(server, name)
    with server.database() as connection:
        (expires,) = connection.execute(
            "SELECT expires_at FROM dozens_tokens WHERE hash = ?", (digest(caller.token),)
        ).fetchone()
        assert abs(expires - time.time() - 86400) < 60
        connection.execute(
            "UPDATE dozens_tokens SET expires_at = ? WHERE hash = ?",
            (int(time.time()), digest(caller.token)),
        )
    caller.call("GET", "zone.json").expect(401)


def test_a_new_key_ends_the_old_one_and_the_tokens_made_with_it(server: Server, name: str) -> None:
    first = authorized(server, name)
    first.get("zone.json")
    second = authorized(server, name)
    eventually(
        lambda: first.call("GET", "zone.json").status == 401, within=2, why="the old token works"
    )
    assert second.get("zone.json") == {"domain": []}


def test_only_hashes_are_stored(server: Server, name: str, key: str) -> None:
    token = authorized(server, name).token
    with server.database() as connection:
        dump = "\n".join(connection.iterdump())
    assert token not in dump
    assert key not in dump


def test_tokens_outlive_a_restart(own_server: Callable[..., Server]) -> None:
    server = own_server()
    caller = authorized(server, server.account().name)
    server.restart()
    assert Dozens(server.http_port, caller.token).get("zone.json") == {"domain": []}
