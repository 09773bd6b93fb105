"""Commands beside a running server: what they change is answered within a second."""

from collections.abc import Callable
from pathlib import Path

import dns.rcode
import pytest

from tests.live.http import Caller
from tests.live.server import Server, eventually

SECOND = 2.0  # one is promised; a loaded machine is given another
FILE = "$ORIGIN beside.example.\n@ 60 SOA ns1 hostmaster 1 7200 900 1209600 300\n"


@pytest.fixture
def server(own_server: Callable[..., Server]) -> Server:
    return own_server()


def succeeded(server: Server, *words: str) -> str:
    done = server.control(*words)
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout


def test_users_and_tokens_made_beside_a_server_work(server: Server) -> None:
    succeeded(server, "user", "add", "someone", "--email", "a@example.com")
    secret = succeeded(server, "token", "create", "--user", "someone").strip()
    caller = Caller(server.http_port, secret)
    assert caller.get("/account/me/").expect(200) == {
        "account": {"username": "someone", "email": "a@example.com"},
        "token": {"name": "", "permissions": ["dns:*"]},
    }
    succeeded(server, "token", "revoke", "2")
    eventually(
        lambda: caller.get("/account/me/").status == 401, within=SECOND, why="the token is revoked"
    )


def test_zones_imported_beside_a_server_are_answered(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "zone"
    for number in (1, 2):
        file.write_text(FILE + "".join(f"n{n} 60 A 192.0.2.{number}\n" for n in range(50)))
        succeeded(server, "zone", "import", "--replace", str(file))
        eventually(
            lambda number=number: server.found("n49.beside.example") == [f"192.0.2.{number}"],  # type: ignore[misc]
            within=SECOND,
            why=f"import {number} is answered",
        )
        assert server.found("n0.beside.example") == [f"192.0.2.{number}"]


def test_changes_of_both_meet_in_one_zone(server: Server, tmp_path: Path) -> None:
    admin = Caller(
        server.http_port, succeeded(server, "token", "create", "--user", "admin").strip()
    )
    file = tmp_path / "zone"
    file.write_text(FILE + "www 60 A 192.0.2.1\n")
    succeeded(server, "zone", "import", str(file))
    (zone,) = admin.get("/dns-zones/").expect(200)
    path = f"/dns-zones/{zone['uuid']}/records/"
    admin.post(path, {"record_type": "A", "name": "api", "value": "192.0.2.2"}).expect(201)
    assert server.found("api.beside.example") == ["192.0.2.2"]
    assert server.found("www.beside.example") == ["192.0.2.1"]
    file.write_text(succeeded(server, "zone", "export", "beside.example") + "new 60 A 192.0.2.3\n")
    succeeded(server, "zone", "import", "--replace", str(file))
    record = admin.post(path, {"record_type": "A", "name": "last", "value": "192.0.2.4"}).expect(
        201
    )
    # The reply came after the import was followed: everything is there by now.
    for name, number in (("www", 1), ("api", 2), ("new", 3), ("last", 4)):
        assert server.found(f"{name}.beside.example") == [f"192.0.2.{number}"], name
    admin.delete(f"/dns-records/{record['uuid']}/").expect(204)
    assert server.ask("last.beside.example").rcode() == dns.rcode.NXDOMAIN
