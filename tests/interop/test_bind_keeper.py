"""The running server keeps the files for BIND9 current, and tells the operator's command."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.live.server import Server, eventually

SECOND = 2.0  # one is promised; a loaded machine is given another
FAILED = "work beside requests failed and is tried again"
Kept = Callable[..., Server]


@pytest.fixture
def kept(own_server: Callable[..., Server], tmp_path: Path) -> Kept:
    """Make a server that exports to `exported` and then runs a command there."""

    def make(command: str = "", **settings: str) -> Server:
        (tmp_path / "exported").mkdir(exist_ok=True)
        return own_server(
            NSD_BIND_EXPORT_DIR=str(tmp_path / "exported"),
            NSD_BIND_AFTER_EXPORT=command,
            **settings,
        )

    return make


def text(file: Path) -> str:
    return file.read_text() if file.exists() else ""


def test_each_change_is_in_the_files_within_a_second(kept: Kept, tmp_path: Path) -> None:
    server = kept(NSD_BIND_SERVERS="left right")
    api = server.account().api
    zone = api.post("/dns-zones/", {"domain": "kept.example"}).expect(201)["uuid"]
    folders = [tmp_path / "exported" / name for name in ("left", "right")]
    for number in range(3):
        record = {"record_type": "A", "name": f"n{number}", "value": f"192.0.2.{number}"}
        api.post(f"/dns-zones/{zone}/records/", record).expect(201)
        for folder in folders:
            eventually(
                lambda folder=folder, number=number: (
                    f"192.0.2.{number}\n"  # type: ignore[misc]
                    in text(folder / "zones" / "kept.example.zone")
                ),
                within=SECOND,
                why=f"record {number} is in the file",
            )
            eventually(
                lambda folder=folder: "kept.example" in text(folder / "named.conf"),  # type: ignore[misc]
                within=SECOND,
                why="the zone is in the configuration",
            )
    api.delete(f"/dns-zones/{zone}/").expect(204)
    for folder in folders:
        eventually(
            lambda folder=folder: not (folder / "zones" / "kept.example.zone").exists(),  # type: ignore[misc]
            within=SECOND,
            why="the zone is gone",
        )
        eventually(
            lambda folder=folder: text(folder / "named.conf") == "",  # type: ignore[misc]
            within=SECOND,
            why="the zone is out of the configuration",
        )


def test_what_a_command_imports_is_exported_too(kept: Kept, tmp_path: Path) -> None:
    server = kept()
    file = tmp_path / "zone"
    soa = "ns1.example.net. hostmaster.example.net. 1 7200 900 1209600 300"
    file.write_text(f"beside.example. 60 SOA {soa}\n")
    assert server.control("zone", "import", str(file)).returncode == 0
    exported = tmp_path / "exported" / "ns1" / "zones" / "beside.example.zone"
    eventually(exported.exists, within=2 * SECOND, why="the imported zone is exported")


def test_many_changes_are_gathered_before_the_command_runs(kept: Kept, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    server = kept(f"cat '{tmp_path}'/exported/ns1/zones/*.zone | grep -c 192.0.2 >> '{runs}'; true")
    api = server.account().api
    zone = api.post("/dns-zones/", {"domain": "kept.example"}).expect(201)["uuid"]
    for number in range(100):
        record = {"record_type": "A", "name": f"n{number}", "value": "192.0.2.1"}
        api.post(f"/dns-zones/{zone}/records/", record).expect(201)
    eventually(lambda: text(runs).endswith("100\n"), within=2 * SECOND, why="all is exported")
    assert len(text(runs).splitlines()) < 20


def test_a_failing_command_is_logged_and_tried_again(kept: Kept, tmp_path: Path) -> None:
    wanted = tmp_path / "wanted"
    done = tmp_path / "done"
    server = kept(
        f"echo trying; test -e '{wanted}' || {{ echo reason >&2; exit 3; }}; touch '{done}'"
    )
    line = server.process.wait_for_line(FAILED)
    assert "bind.after_export ended with 3: reason" in line
    wanted.touch()
    eventually(done.exists, within=10 * SECOND, why="the command is tried again")


def test_a_folder_that_cannot_be_written_is_logged_and_tried_again(
    kept: Kept, tmp_path: Path
) -> None:
    in_the_way = tmp_path / "exported" / "ns1"
    in_the_way.parent.mkdir()
    in_the_way.write_text("in the way")
    runs = tmp_path / "runs"
    server = kept(f"echo >> '{runs}'")
    api = server.account().api
    server.process.wait_for_line(FAILED)
    api.post("/dns-zones/", {"domain": "kept.example"}).expect(201)
    assert server.found("kept.example", "NS")
    in_the_way.unlink()
    exported = in_the_way / "zones" / "kept.example.zone"
    eventually(exported.exists, within=10 * SECOND, why="the export is tried again")
    eventually(runs.exists, within=10 * SECOND, why="the command has run")


def test_what_came_while_an_export_failed_half_way_still_runs_the_command(
    kept: Kept, tmp_path: Path
) -> None:
    runs = tmp_path / "runs"
    server = kept(f"echo >> '{runs}'")
    eventually(runs.exists, within=10 * SECOND, why="the command runs after the first export")
    configuration = tmp_path / "exported" / "ns2" / "named.conf"
    configuration.unlink()
    configuration.mkdir()
    (configuration / "in the way").touch()
    server.account().api.post("/dns-zones/", {"domain": "kept.example"}).expect(201)
    server.process.wait_for_line(FAILED)
    before = len(text(runs))
    (configuration / "in the way").unlink()
    configuration.rmdir()
    eventually(lambda: "kept.example" in text(configuration), within=10 * SECOND, why="it is done")
    eventually(lambda: len(text(runs)) > before, within=10 * SECOND, why="the command has run")


def test_a_restart_exports_what_has_changed_and_nothing_else(kept: Kept, tmp_path: Path) -> None:
    server = kept()
    api = server.account().api
    for name in ("a", "b"):
        api.post("/dns-zones/", {"domain": f"{name}.example"}).expect(201)
    folder = tmp_path / "exported" / "ns1" / "zones"
    eventually(
        lambda: all((folder / f"{name}.example.zone").exists() for name in "ab"),
        within=SECOND,
        why="both are exported",
    )
    assert server.process.stop() == 0
    before = {file.name: file.stat().st_ino for file in folder.iterdir()}
    soa = "ns1.example.net. hostmaster.example.net. 1 7200 900 1209600 300"
    (tmp_path / "zone").write_text(f"b.example. 60 SOA {soa}\n")
    done = server.control("zone", "import", "--replace", "--user", "admin", str(tmp_path / "zone"))
    assert "another account" in done.stderr
    (tmp_path / "zone").write_text(f"c.example. 60 SOA {soa}\n")
    assert server.control("zone", "import", str(tmp_path / "zone")).returncode == 0
    server.start()
    eventually((folder / "c.example.zone").exists, within=10 * SECOND, why="c is exported")
    after = {file.name: file.stat().st_ino for file in folder.iterdir()}
    assert {**after, **before} == after


def test_the_server_ends_while_the_command_hangs(kept: Kept) -> None:
    server = kept("sleep 1000")
    server.account().api.post("/dns-zones/", {"domain": "kept.example"}).expect(201)
    server.process.wait_for_line("exported zones for BIND9")
    assert server.process.stop() == 0


def test_the_zone_files_may_be_placed_elsewhere_on_the_server(kept: Kept, tmp_path: Path) -> None:
    server = kept(NSD_BIND_PLACED_IN="/etc/bind/nsd")
    server.account().api.post("/dns-zones/", {"domain": "kept.example"}).expect(201)
    configuration = tmp_path / "exported" / "ns1" / "named.conf"
    eventually(
        lambda: 'file "/etc/bind/nsd/zones/kept.example.zone"' in text(configuration),
        within=SECOND,
        why="the configuration names the place on the server",
    )
