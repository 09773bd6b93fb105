"""The audit through real HTTP and real commands, and that no secret reaches it or the journal."""

import base64
import json
import os
import pwd
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.dozens.caller import authorized
from tests.live.http import Caller
from tests.live.server import Account, Server

OPERATOR = pwd.getpwuid(os.getuid()).pw_name
SECRET = base64.b64encode(b"no one may see this one").decode()
Entry = dict[str, Any]


class Books:
    """A server of a test's own, with an administrator, and its audit."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.admin: Account = server.account(admin=True)
        self._seen = len(self.all())

    def command(self, *words: str) -> str:
        """Run a command; give the last line of its output."""
        done = self.server.control(*words)
        assert done.returncode == 0, done.stderr
        return (done.stdout.splitlines() or [""])[-1]

    def all(self) -> list[Entry]:
        found = json.loads(self.command("audit", "--json", "--limit", "1000"))
        assert [entry["id"] for entry in found] == sorted(
            (entry["id"] for entry in found), reverse=True
        )
        return list(reversed(found))

    def new(self) -> list[Entry]:
        """Give what was noted since the last look, the oldest first."""
        found = self.all()
        new, self._seen = found[self._seen :], len(found)
        return new


@pytest.fixture
def books(own_server: Callable[..., Server]) -> Books:
    return Books(own_server())


def what(entry: Entry) -> tuple[str, str, str]:
    return entry["verb"], entry["kind"], entry["name"]


def test_the_first_start_notes_whom_it_adds(books: Books) -> None:
    first = books.all()
    assert [what(entry) for entry in first] == [("add", "user", "admin"), ("add", "token", "1")]
    assert {(entry["who"], entry["credential"]) for entry in first} == {(OPERATOR, "command serve")}


NS1 = {
    "address": "192.0.2.1:53",
    "key": None,
    "group": "east",
    "control": "",
    "is_from_settings": False,
}
# One after the other; `{token}` is the token that was made last.
COMMANDS: list[tuple[str, Entry]] = [
    ("user add eve --plan free", {"email": "eve@localhost", "plan": "free", "is_admin": False}),
    ("user set eve --plan basic", {"plan": {"before": "free", "after": "basic"}}),
    ("user key eve", {}),
    (
        "token create --user eve --name ci --permission dns:list --network 192.0.2.1",
        {
            "user": "eve",
            "name": "ci",
            "permissions": ["dns:list"],
            "networks": ["192.0.2.1/32"],
            "expires_at": None,
        },
    ),
    ("token revoke {token}", {"user": "eve", "name": "ci"}),
    (f"tsig add k --algorithm hmac-sha512 --secret {SECRET}", {"algorithm": "hmac-sha512"}),
    ("tsig rotate k --keep-hours 2", {"keep_seconds": 7200}),
    ("tsig remove k", {}),
    ("secondary add ns1 192.0.2.1 --no-key --group east", NS1),
    ("secondary remove ns1", NS1),
]


def test_each_command_is_noted_with_the_operator_and_what_it_did(books: Books) -> None:
    token = ""
    for words, fields in COMMANDS:
        books.command(*words.replace("{token}", token).split())
        (entry,) = books.new()
        assert entry["fields"] == fields, words
        assert (entry["who"], entry["door"], entry["address"]) == (OPERATOR, "nsdctl", None)
        assert entry["credential"] == f"command {' '.join(words.split()[:2])}"
        token = entry["name"]


def test_a_call_is_noted_with_its_account_its_token_and_its_address(books: Books) -> None:
    api = books.admin.api
    key = {"name": "K", "algorithm": "hmac-sha384"}
    api.post("/tsig-keys/", key).expect(201)
    api.post("/tsig-keys/k/rotate/", {"keep_seconds": 60}).expect(200)
    api.post("/secondaries/", {"name": "ns1", "address": "192.0.2.1", "key": "new"}).expect(201)
    api.delete("/secondaries/ns1/").expect_status(204)
    api.delete("/tsig-keys/k/").expect_status(204)
    entries = books.new()
    assert [what(entry) for entry in entries] == [
        ("add", "tsig-key", "k."),
        ("rotate", "tsig-key", "k."),
        ("add", "tsig-key", "new."),
        ("add", "secondary", "ns1"),
        ("remove", "secondary", "ns1"),
        ("remove", "tsig-key", "k."),
    ]
    for entry in entries:
        assert (entry["who"], entry["door"]) == (books.admin.name, "vps")
        assert entry["address"] == "127.0.0.1"
        assert re.fullmatch(r"token \d+ test", entry["credential"])
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", entry["at"])


def test_what_is_refused_and_what_changes_nothing_is_not_noted(books: Books) -> None:
    books.command("user", "add", "alice", "--plan", "free")
    books.command("tsig", "add", "k")
    books.command("secondary", "add", "ns1", "192.0.2.1", "--key", "k")
    books.new()
    api = books.admin.api
    api.post("/tsig-keys/", {"name": "k"}).refusal(400, "validation_error", "name")
    api.delete("/tsig-keys/k/").refusal(400, "validation_error")
    api.delete("/secondaries/ns2/").refusal(404, "not_found")
    again = {"name": "ns1", "address": "192.0.2.9", "key": "never"}
    api.post("/secondaries/", again).refusal(400, "validation_error", "name")
    assert books.server.control("user", "add", "alice").returncode == 1
    assert books.server.control("token", "revoke", "99").returncode == 1
    books.command("user", "set", "alice", "--plan", "free")
    assert books.new() == []


def test_the_settings_are_noted_where_they_change_what_is_declared(
    own_server: Callable[..., Server],
) -> None:
    declared = '{"address": "192.0.2.1", "key": "ns1-key"}'
    server = own_server(NSD_SECONDARIES_NS1=declared)
    books = Books(server)
    server.restart()
    assert books.new() == []
    server.settings["NSD_SECONDARIES_NS1"] = '{"address": "192.0.2.2", "key": "ns1-key"}'
    server.restart()
    del server.settings["NSD_SECONDARIES_NS1"]
    server.restart()
    changed, removed = books.new()
    assert changed["fields"] == {"address": {"before": "192.0.2.1:53", "after": "192.0.2.2:53"}}
    assert [what(entry) for entry in (changed, removed)] == [
        ("change", "secondary", "ns1"),
        ("remove", "secondary", "ns1"),
    ]
    assert {(entry["who"], entry["door"]) for entry in (changed, removed)} == {(None, "settings")}


def test_no_secret_is_in_the_audit_or_in_the_journal(books: Books, domain: str) -> None:
    api = books.admin.api
    secrets = [
        api.token,
        SECRET,
        books.command("user", "key", "admin"),
        books.command("token", "create", "--user", "admin", "--name", "ci"),
        books.command("tsig", "add", "one"),
        books.command("tsig", "rotate", "one"),
        api.post("/tsig-keys/", {"name": "two"}).expect(201)["secret"],
        api.post("/tsig-keys/two/rotate/", {}).expect(200)["secret"],
    ]
    books.command("tsig", "add", "three", "--secret", SECRET)
    dozens = authorized(books.server, books.admin.name)
    dozens.post("zone/create", name=domain)
    zone = api.post("/dns-zones/", {"domain": f"b.{domain}"}).expect(201)
    Caller(books.server.http_port, secrets[3]).delete(f"/dns-zones/{zone['uuid']}/")
    kept = everything(books.server, "audit") + everything(books.server, "journal")
    assert b"three." in kept
    assert domain.encode().partition(b".")[0] in kept
    for secret in filter(None, [*secrets, dozens.token]):
        for form in forms(secret):
            assert form not in kept


def everything(server: Server, table: str) -> bytes:
    """Give all that a table holds."""
    with server.database() as connection:
        rows = connection.execute(f"SELECT * FROM {table}").fetchall()
    return b"\0".join(
        value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row
    )


def forms(secret: str) -> list[bytes]:
    """Give how a secret could be written: as it is, in JSON, and decoded, in octets and in hex."""
    found = [secret.encode(), json.dumps(secret)[1:-1].encode()]
    try:
        octets = base64.b64decode(secret, validate=True)
    except ValueError:
        return found
    return [*found, octets, octets.hex().encode()]
