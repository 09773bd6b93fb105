"""Every path of the contract: its methods, permission, spellings, and what it refuses."""

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection

import pytest

from tests.live.http import Caller, Reply
from tests.live.server import Account, Server

A_RECORD = {"record_type": "A", "name": "www", "value": "192.0.2.1"}
JSON = {"Content-Type": "application/json"}
MASTER_FILE = "@ SOA ns1 hostmaster 7 7200 900 1209600 300\nwww A 192.0.2.9\n"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the contract's table; `{zone}`, `{record}` and `{new}` stand for a test's own."""

    method: str
    path: str
    permission: str | None
    status: int
    body: dict[str, object] | str | None = None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


PATHS = [
    Row("GET", "/dns-zones/", "dns:list", 200),
    Row("POST", "/dns-zones/", "dns:create", 201, {"domain": "{new}"}),
    Row("GET", "/dns-zones/{zone}/", "dns:list", 200),
    Row("DELETE", "/dns-zones/{zone}/", "dns:delete", 204),
    Row("GET", "/dns-zones/{zone}/records/", "dns:list", 200),
    Row("POST", "/dns-zones/{zone}/records/", "dns:create", 201, {**A_RECORD, "name": "new"}),
    Row("GET", "/dns-records/", "dns:list", 200),
    Row("GET", "/dns-records/{record}/", "dns:list", 200),
    Row("PUT", "/dns-records/{record}/", "dns:update", 200, {**A_RECORD, "value": "192.0.2.2"}),
    Row("PATCH", "/dns-records/{record}/", "dns:update", 200, {"ttl": 60}),
    Row("DELETE", "/dns-records/{record}/", "dns:delete", 204),
    Row("GET", "/account/me/", None, 200),
    Row("GET", "/dns-zones/{zone}/zonefile/", "dns:list", 200),
    Row("PUT", "/dns-zones/{zone}/zonefile/", "dns:update", 200, MASTER_FILE),
]
ONES_OWN = [row for row in PATHS if "{zone}" in row.path or "{record}" in row.path]
PERMISSIONS = ("dns:list", "dns:create", "dns:update", "dns:delete")


class Place:
    """A zone with one record, and what stands for them in the paths of the table."""

    def __init__(self, owner: Account, domain: str) -> None:
        zone = owner.api.post("/dns-zones/", {"domain": domain}).expect(201)
        self.zone = zone["uuid"]
        record = owner.api.post(f"/dns-zones/{self.zone}/records/", A_RECORD).expect(201)
        self.record = record["uuid"]
        self.new = f"new-{domain}"

    def fill(self, text: str) -> str:
        for word in ("zone", "record", "new"):
            text = text.replace("{" + word + "}", getattr(self, word))
        return text

    def call(self, caller: Caller, row: Row, *, slash: bool = True) -> Reply:
        """Make the call of a row."""
        path = self.fill(row.path if slash else row.path.rstrip("/"))
        if isinstance(row.body, dict):
            return caller.call(row.method, path, self.fill(json.dumps(row.body)).encode(), JSON)
        if row.body is None:
            return caller.call(row.method, path)
        return caller.call(row.method, path, row.body.encode(), {"Content-Type": "text/dns"})


@pytest.fixture
def place(account: Account, domain: str) -> Place:
    return Place(account, domain)


@pytest.mark.parametrize("row", PATHS, ids=str)
def test_a_path_needs_its_permission_and_no_other(
    server: Server, account: Account, place: Place, row: Row
) -> None:
    if row.permission is not None:
        others = [other for other in PERMISSIONS if other != row.permission]
        refused = place.call(server.caller(account.id, *others), row)
        assert row.permission in refused.refusal(403, "permission_denied")
    alone = server.caller(account.id, row.permission or "dns:list")
    place.call(alone, row).expect_status(row.status)


@pytest.mark.parametrize("row", PATHS, ids=str)
def test_the_asterisk_holds_all_permissions_and_the_closing_slash_is_optional(
    server: Server, account: Account, place: Place, row: Row
) -> None:
    place.call(server.caller(account.id, "dns:*"), row, slash=False).expect_status(row.status)


@pytest.mark.parametrize("row", PATHS, ids=str)
def test_a_path_without_a_token_is_401_before_anything_is_read(
    server: Server, place: Place, row: Row
) -> None:
    reply = Caller(server.http_port).call(row.method, place.fill(row.path), b"no JSON")
    reply.refusal(401, "not_authenticated")
    assert reply.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("row", ONES_OWN, ids=str)
def test_what_is_not_the_callers_own_is_404_with_one_text(
    server: Server, account: Account, place: Place, row: Row
) -> None:
    stranger = server.account(row.permission or "dns:*").api
    texts = {place.call(stranger, row).refusal(404, "not_found")}
    for wrong in (str(uuid.uuid4()), "no-uuid", "%00", "%FF", "0" * 500):
        place.zone = place.record = wrong
        texts.add(place.call(account.api, row).refusal(404, "not_found"))
    assert texts == {"Not found."}


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/dns-zones/", "GET, HEAD, POST"),
        ("/dns-zones/{zone}/", "DELETE, GET, HEAD"),
        ("/dns-zones/{zone}/records/", "GET, HEAD, POST"),
        ("/dns-zones/{zone}/zonefile/", "GET, HEAD, PUT"),
        ("/dns-records/", "GET, HEAD"),
        ("/dns-records/{record}/", "DELETE, GET, HEAD, PATCH, PUT"),
        ("/account/me/", "GET, HEAD"),
    ],
)
def test_another_method_is_405_and_says_which_are_allowed(
    account: Account, place: Place, path: str, allowed: str
) -> None:
    methods = {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} - {*allowed.split(", ")}
    for method in methods:
        for spelling in (path, path.rstrip("/")):
            reply = account.api.call(method, place.fill(spelling))
            reply.refusal(405, "method_not_allowed")
            assert reply.headers["Allow"] == allowed, (method, spelling)


@pytest.mark.parametrize("path", ["/", "", "/nothing/", "/dns-zones/x/y/z/", "/dns-zones//"])
def test_an_unknown_path_is_404_in_the_same_shape(account: Account, path: str) -> None:
    assert account.api.get(path).refusal(404, "not_found") == "Not found."


@pytest.mark.parametrize("path", ["/dns-zones/", "/dns-zones/{zone}/", "/dns-records/{record}/"])
def test_head_answers_as_get_without_a_body(account: Account, place: Place, path: str) -> None:
    got = account.api.get(place.fill(path))
    head = account.api.call("HEAD", place.fill(path))
    assert (head.status, head.body) == (200, b"")
    assert head.headers["Content-Length"] == got.headers["Content-Length"]


def test_a_deleted_record_and_zone_have_no_body(account: Account, place: Place) -> None:
    for path in (f"/dns-records/{place.record}/", f"/dns-zones/{place.zone}/"):
        reply = account.api.delete(path)
        assert (reply.status, reply.body) == (204, b""), reply
        account.api.get(path).refusal(404, "not_found")
        account.api.delete(path).refusal(404, "not_found")


@pytest.mark.parametrize("spelling", [str.upper, lambda text: text.replace("-", "")])
def test_a_uuid_is_found_in_its_other_spellings(
    account: Account, place: Place, spelling: Callable[[str], str]
) -> None:
    assert account.api.get(f"/dns-zones/{spelling(place.zone)}/").expect(200)["uuid"] == place.zone
    found = account.api.get(f"/dns-records/{spelling(place.record)}/").expect(200)
    assert found["uuid"] == place.record


def test_a_connection_is_kept_for_many_calls(server: Server, account: Account) -> None:
    connection = HTTPConnection("127.0.0.1", server.http_port, timeout=30)
    try:
        for path in ("/api/v1/dns-zones/", "/api/v1/nothing", "/api/v1/account/me"):
            authorization = {"Authorization": f"Bearer {account.api.token}"}
            connection.request("GET", path, headers=authorization)
            local = connection.sock.getsockname()
            connection.getresponse().read()
            assert connection.sock is not None, path
            assert connection.sock.getsockname() == local
    finally:
        connection.close()
