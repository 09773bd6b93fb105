"""Work beside requests that fails for real: log, `/health` and metrics say so while it lasts."""

import json
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path

from tests.live.http import PATIENCE
from tests.live.server import Server, eventually

OK = (200, {"status": "ok"})


def shown(server: Server, path: str) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", server.http_port, timeout=PATIENCE)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def health(server: Server) -> tuple[int, object]:
    status, body = shown(server, "/health")
    return status, json.loads(body)


def failing(*names: str) -> tuple[int, object]:
    return 503, {"status": "failing", "failing": list(names)}


def test_a_command_that_keeps_failing_is_an_alarm_until_it_works(
    own_server: Callable[..., Server], tmp_path: Path
) -> None:
    wanted = tmp_path / "wanted"
    (tmp_path / "exported").mkdir()
    server = own_server(
        NSD_BIND_EXPORT_DIR=str(tmp_path / "exported"),
        NSD_BIND_AFTER_EXPORT=f"test -e '{wanted}'",
    )
    assert health(server) == OK
    alarm = failing("exporting zones for BIND9")
    eventually(lambda: health(server) == alarm, within=PATIENCE, why="the command fails")
    assert (
        'nsd_background_failing{work="exporting zones for BIND9"} 1.0'
        in shown(server, "/metrics")[1]
    )
    assert "bind.after_export ended with 1" in server.process.output
    wanted.touch()
    eventually(lambda: health(server) == OK, within=PATIENCE, why="the command works")
    assert (
        'nsd_background_failing{work="exporting zones for BIND9"} 0.0'
        in shown(server, "/metrics")[1]
    )


def test_a_journal_that_cannot_be_read_is_an_alarm_until_it_can(
    own_server: Callable[..., Server], tmp_path: Path
) -> None:
    server = own_server()
    with server.database() as beside:
        beside.execute("ALTER TABLE journal RENAME TO elsewhere")
    eventually(
        lambda: "following other processes" in shown(server, "/health")[1],
        within=PATIENCE,
        why="the journal cannot be read",
    )
    assert shown(server, "/health")[0] == 503
    with server.database() as beside:
        beside.execute("ALTER TABLE elsewhere RENAME TO journal")
    eventually(lambda: health(server) == OK, within=PATIENCE, why="it can be read again")
    file = tmp_path / "zone"
    file.write_text("later.example. 60 SOA ns1 hostmaster 1 7200 900 1209600 300\n")
    assert server.control("zone", "import", "--origin", "later.example", str(file)).returncode == 0
    eventually(lambda: server.found("later.example", "SOA"), within=2.0, why="it is followed")
