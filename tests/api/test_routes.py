"""Every route of the table: who may come in."""

import re
import secrets

import pytest

from nsd.account.permission import PERMISSIONS
from nsd.api.vps.app import ROUTES
from tests.live.http import Caller, Reply
from tests.live.server import Server

Guarded = tuple[str, str, str | None, bool]  # method, path, permission, for administrators only
GUARDED = [route[:4] for route in ROUTES]
NEEDING = [route for route in GUARDED if route[2] is not None]
FOR_ADMINS = [route for route in GUARDED if route[3]]
JSON = {"Content-Type": "application/json"}


def called(route: object) -> str:
    return f"{route[0]} {route[1]}" if isinstance(route, tuple) else str(route)


def call(caller: Caller, route: Guarded) -> Reply:
    """Call a route for something that is not there."""
    method, path, *_ = route
    named = re.sub(r"{\w+}", f"x{secrets.token_hex(4)}", path)
    return caller.call(method, f"{named}/", None if method == "GET" else b"{}", JSON)


@pytest.mark.parametrize("route", GUARDED, ids=called)
def test_without_a_token_it_is_401(server: Server, route: Guarded) -> None:
    call(Caller(server.http_port), route).refusal(401, "not_authenticated")


@pytest.mark.parametrize("route", NEEDING, ids=called)
def test_without_its_permission_it_is_403_even_for_an_administrator(
    server: Server, route: Guarded
) -> None:
    permission = route[2]
    others = [one for one in PERMISSIONS if one not in (permission, "dns:*")]
    refused = call(server.account(*others, admin=True).api, route)
    assert str(permission) in refused.refusal(403, "permission_denied")


@pytest.mark.parametrize("route", FOR_ADMINS, ids=called)
def test_what_is_for_administrators_is_403_for_others(server: Server, route: Guarded) -> None:
    refused = call(server.account("dns:*").api, route)
    assert "administrator" in refused.refusal(403, "permission_denied")


@pytest.mark.parametrize("route", GUARDED, ids=called)
def test_with_its_permission_and_as_an_administrator_where_need_be_one_comes_in(
    server: Server, route: Guarded
) -> None:
    *_, permission, admin = route
    status = call(server.account(permission or "dns:list", admin=admin).api, route).status
    assert status in {200, 400, 404, 415}
