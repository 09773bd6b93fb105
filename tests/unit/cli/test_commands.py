"""Every command of the contract: what it prints, and how it fails."""

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from nsd.cli import main

SOA = "@ 60 SOA ns1.example.net. h.example.net. {serial} 7200 900 1209600 300\n"


def control(*words: str) -> CompletedProcess[str]:
    """Run `nsdctl` in this process: starting one each time would take longer than all the rest."""
    out, error = io.StringIO(), io.StringIO()
    code: Any = 0
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(error):
        patch.setattr(sys, "argv", ["nsdctl", *words])
        try:
            main()
        except SystemExit as ending:
            code = ending.code
    return CompletedProcess(words, code or 0, out.getvalue(), error.getvalue())


class Place:
    """A data folder and commands on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"

    def run(self, *words: str) -> CompletedProcess[str]:
        return control(*words, "--data", str(self.data))

    def says(self, *words: str) -> str:
        done = self.run(*words)
        assert (done.returncode, done.stderr) == (0, ""), done
        return done.stdout

    def rows(self, *words: str) -> list[dict[str, Any]]:
        found = json.loads(self.says(*words, "--json"))
        assert isinstance(found, list)
        return found

    def refuses(self, *words: str) -> str:
        done = self.run(*words)
        assert (done.returncode, done.stdout) == (1, ""), done
        assert "Traceback" not in done.stderr
        return done.stderr

    def file(self, name: str, text: str) -> str:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return str(path)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_users(place: Place) -> None:
    place.says("user", "add", "alice", "--email", "alice@example.com", "--plan", "basic")
    place.says("user", "add", "boss", "--admin")
    alice, boss = place.rows("user", "list")
    assert (alice["name"], alice["email"], alice["plan"], alice["admin"]) == (
        "alice",
        "alice@example.com",
        "basic",
        False,
    )
    assert (boss["name"], boss["plan"], boss["admin"]) == ("boss", "unlimited", True)
    table = place.says("user", "list")
    assert "alice@example.com" in table
    assert "name" in table.splitlines()[0]
    assert "already" in place.refuses("user", "add", "alice")
    assert "plan" in place.refuses("user", "add", "bob", "--plan", "golden")
    assert "name" in place.refuses("user", "add", "no name")
    key = place.says("user", "key", "alice").strip()
    assert len(key.split()) == 1
    assert place.says("user", "key", "alice").strip() != key
    assert "nobody" in place.refuses("user", "key", "nobody")


def test_tokens(place: Place) -> None:
    place.says("user", "add", "alice")
    secret = place.says("token", "create", "--user", "alice", "--name", "laptop")
    assert secret.startswith("vps_")
    assert len(secret.split()) == 1
    place.says(
        "token", "create", "--user", "alice", "--permission", "dns:list", "--permission",
        "dns:create", "--network", "192.0.2.0/24", "--expires-in-days", "1",
    )  # fmt: skip
    first, second = place.rows("token", "list")
    assert (first["user"], first["name"], first["permissions"]) == ("alice", "laptop", "dns:*")
    assert (first["networks"], first["expires"], first["last_used"]) == (None, None, None)
    assert second["permissions"] == "dns:list dns:create"
    assert second["networks"] == "192.0.2.0/24"
    assert second["expires"] > second["created"]
    assert secret.strip() not in place.says("token", "list")
    place.says("token", "revoke", str(first["id"]))
    assert [row["id"] for row in place.rows("token", "list")] == [second["id"]]
    assert "no token" in place.refuses("token", "revoke", str(first["id"]))
    assert "nobody" in place.refuses("token", "create", "--user", "nobody")
    refused = place.refuses("token", "create", "--user", "alice", "--permission", "dns:fly")
    assert "dns:fly" in refused
    assert "network" in place.refuses("token", "create", "--user", "alice", "--network", "here")


def test_zones(place: Place) -> None:
    place.says("user", "add", "admin", "--admin")
    place.says("user", "add", "alice")
    text = SOA.format(serial=7) + "www 60 A 192.0.2.1\n"
    plain = place.file("plain", text)
    assert place.says("zone", "import", "--origin", "a.example", plain) == ""
    assert "nothing says" in place.refuses("zone", "import", plain) or place.rows("zone", "list")
    alices = place.file("alices", "$ORIGIN b.example.\n" + text)
    place.says("zone", "import", "--user", "alice", alices)
    listed = {row["zone"]: row for row in place.rows("zone", "list")}
    assert (listed["a.example."]["user"], listed["b.example."]["user"]) == ("admin", "alice")
    assert (listed["a.example."]["serial"], listed["a.example."]["records"]) == (7, 1)
    assert "b.example." in place.says("zone", "list")

    exported = place.says("zone", "export", "A.example")
    assert "192.0.2.1" in exported
    assert "c.example" in place.refuses("zone", "export", "c.example")

    again = place.file("again", exported.replace("192.0.2.1", "192.0.2.2"))
    assert "exists" in place.refuses("zone", "import", again)
    place.says("zone", "import", "--replace", again)
    assert "192.0.2.2" in place.says("zone", "export", "a.example.")
    assert place.rows("zone", "list")[0]["serial"] == 8
    assert "another account" in place.refuses(
        "zone", "import", "--user", "alice", "--replace", again
    )


def test_an_import_tells_all_errors_with_file_and_line_and_takes_the_good_files(
    place: Place,
) -> None:
    place.says("user", "add", "admin", "--admin")
    good = place.file("good", "$ORIGIN good.example.\n" + SOA.format(serial=1))
    bad = place.file(
        "bad",
        "$ORIGIN bad.example.\n" + SOA.format(serial=1) + "x A 300.0.0.1\ny CNAME z\ny A 1.2.3.4\n",
    )
    missing = str(place.folder / "missing")
    refused = place.refuses("zone", "import", bad, good, missing)
    for start in (f"{bad}:3: ", f"{bad}:5: ", f"{missing}:1: "):
        assert any(line.startswith(start) for line in refused.splitlines()), refused
    assert [row["zone"] for row in place.rows("zone", "list")] == ["good.example."]


def test_an_import_may_include_files_beside_its_own(place: Place) -> None:
    place.says("user", "add", "admin", "--admin")
    place.file("zones/more", "www 60 A 192.0.2.1\n")
    file = place.file(
        "zones/main", "$ORIGIN a.example.\n" + SOA.format(serial=1) + "$INCLUDE more\n"
    )
    place.says("zone", "import", file)
    assert place.rows("zone", "list")[0]["records"] == 1


def test_bind_export(place: Place) -> None:
    empty = place.folder / "empty"
    assert place.says("bind", "export", str(empty)).startswith("0 zone files written")
    assert (empty / "ns1" / "named.conf").read_text() == ""
    place.says("user", "add", "admin", "--admin")
    place.says("zone", "import", place.file("z", "$ORIGIN a.example.\n" + SOA.format(serial=1)))
    out = place.folder / "out"
    assert place.says("bind", "export", str(out)).startswith("2 zone files written")
    assert {path.name for path in out.iterdir()} == {"ns1", "ns2"}
    place.says("bind", "export", str(out), "--server", "third")
    assert (out / "third" / "zones" / "a.example.zone").exists()


def test_data_and_config_may_stand_before_and_after_the_commands_words(place: Place) -> None:
    data = ("--data", str(place.data))
    config = ("--config", place.file("nsd.toml", 'default_plan = "free"\n'))
    for number, words in enumerate(
        (
            (*data, *config, "user", "add", "user0"),
            ("user", "add", "user1", *data, *config),
            (*data, "user", "add", *config, "user2"),
        )
    ):
        done = control(*words)
        assert done.returncode == 0, done
        assert place.rows("user", "list")[number]["plan"] == "free"
    elsewhere = control("--data", "/nonexistent/x", "user", "list", "--json", *data)
    assert len(json.loads(elsewhere.stdout)) == 3


def test_commands_without_words_say_what_there_is(place: Place) -> None:
    whole = control("--help")
    assert whole.returncode == 0
    for word in ("serve", "user", "token", "zone", "bind"):
        assert word in whole.stdout
        assert control(word, "--help").returncode == 0
    assert control().returncode in (0, 2)
    assert "Usage" in control("zone").stdout + control("zone").stderr
    assert not place.data.exists()
