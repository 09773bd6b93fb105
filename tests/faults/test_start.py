"""What keeps the server from starting is one clear line and a non-zero exit."""

import resource
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.live.process import PATIENCE, Process
from tests.live.server import NSDCTL, Server, control, environment

ANY_PORTS = ("--dns", "127.0.0.1:0", "--http", "127.0.0.1:0")


def refused(*words: str, code: int = 1, **settings: str) -> str:
    """Run a command that has to fail; give the one line that it says."""
    done = control(*words, **settings)
    return one_line(done, code)


def one_line(done: subprocess.CompletedProcess[str], code: int = 1) -> str:
    assert (done.returncode, done.stdout) == (code, ""), done
    (line,) = done.stderr.splitlines()
    assert line.startswith("nsdctl: "), line
    return line


@contextmanager
def taken(kind: socket.SocketKind) -> Iterator[str]:
    """Take a port; give its address."""
    with socket.socket(socket.AF_INET, kind) as bound:
        bound.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            bound.listen()
        yield f"127.0.0.1:{bound.getsockname()[1]}"


@pytest.mark.parametrize(
    ("option", "kind", "what"),
    [
        ("--dns", socket.SOCK_DGRAM, "DNS"),
        ("--dns", socket.SOCK_STREAM, "DNS"),
        ("--http", socket.SOCK_STREAM, "HTTP"),
    ],
)
def test_a_port_in_use(tmp_path: Path, option: str, kind: socket.SocketKind, what: str) -> None:
    with taken(kind) as address:
        line = refused("serve", "--data", str(tmp_path / "data"), *ANY_PORTS, option, address)
    assert line == f"nsdctl: cannot listen on {address} for {what}: Address already in use"


def test_a_second_server_on_the_same_ports(tmp_path: Path) -> None:
    first = Server(tmp_path / "data").start()
    try:
        ports = (f"127.0.0.1:{first.dns_port}", f"127.0.0.1:{first.http_port}")
        line = refused(
            "serve", "--data", str(tmp_path / "other"), "--dns", ports[0], "--http", ports[1]
        )
    finally:
        first.process.kill()
    assert ports[0] in line
    assert not (tmp_path / "other").exists()


def limited(soft: int, hard: int, *words: str) -> tuple[str, ...]:
    """Give the command with a limit of open files."""
    return ("prlimit", f"--nofile={soft}:{hard}", *NSDCTL, *words)


def test_limits_that_need_more_descriptors_than_there_are(tmp_path: Path) -> None:
    words = ("serve", "--data", str(tmp_path / "data"), *ANY_PORTS)
    done = subprocess.run(
        limited(500, 1000, *words),
        check=False,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        env=environment(NSD_DNS_TCP_CONNECTIONS="900", NSD_HTTP_CONNECTIONS="50"),
    )
    line = one_line(done)
    assert "may have 1000 files open, but needs 1334" in line
    assert "dns.tcp_connections = 900" in line
    assert not (tmp_path / "data").exists()


def test_the_soft_limit_of_descriptors_is_no_limit(tmp_path: Path) -> None:
    words = ("serve", "--data", str(tmp_path / "data"), *ANY_PORTS)
    process = Process(*limited(64, 5000, *words), environment=environment())
    try:
        process.wait_for_line("nsdctl: DNS on")
        assert resource.prlimit(process.pid, resource.RLIMIT_NOFILE) == (5000, 5000)
    finally:
        process.kill()


def test_an_address_that_is_not_ours(tmp_path: Path) -> None:
    line = refused("serve", "--data", str(tmp_path), "--dns", "192.0.2.1:0", *ANY_PORTS[2:])
    assert "192.0.2.1:0" in line


def test_a_file_where_the_data_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way")
    line = refused("serve", *ANY_PORTS, "--data", str(tmp_path / "data"))
    assert str(tmp_path / "data") in line
    below = refused("serve", *ANY_PORTS, "--data", str(tmp_path / "data" / "below"))
    assert str(tmp_path / "data" / "below") in below


AS_NOBODY = """
import os, sys
import nsd.cli.commands, nsd.service.service
if not os.getuid():  # modes do not bind root
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
nsd.cli.main()
"""


@pytest.mark.parametrize("folder", ["closed", "closed/below"])
def test_a_data_folder_that_cannot_be_written(tmp_path: Path, folder: str) -> None:
    (tmp_path / "closed").mkdir(mode=0o555)
    data = str(tmp_path / folder)
    done = subprocess.run(
        [sys.executable, "-c", AS_NOBODY, "serve", *ANY_PORTS, "--data", data],
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
        env=environment(),
    )
    assert data in one_line(done)


def test_a_broken_settings_file(tmp_path: Path) -> None:
    file = tmp_path / "nsd.toml"
    for content, part in (
        ("[dns\n", "nsd.toml"),
        ("[dns]\nudp_size = true\n", "dns.udp_size"),
        ("[dns]\ncolour = 1\n", "dns.colour"),
        ("data = ['a']\n", "data"),
    ):
        file.write_text(content)
        assert part in refused("serve", "--config", str(file), *ANY_PORTS)
    assert "missing.toml" in refused("serve", "--config", str(tmp_path / "missing.toml"))


def test_a_broken_environment(tmp_path: Path) -> None:
    line = refused("serve", "--data", str(tmp_path), *ANY_PORTS, NSD_DNS_UDP_SIZE="huge")
    assert "udp_size" in line.lower()


def test_a_database_of_a_newer_program(tmp_path: Path) -> None:
    control("user", "add", "someone", "--data", str(tmp_path))
    with sqlite3.connect(tmp_path / "nsd.db") as connection:
        connection.execute("PRAGMA user_version = 9999")
    connection.close()
    for words in (("serve", *ANY_PORTS), ("user", "list"), ("zone", "list")):
        assert "newer" in refused(*words, "--data", str(tmp_path))


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "nsd.db").write_bytes(b"no database at all" * 100)
    for words in (("serve", *ANY_PORTS), ("zone", "list")):
        line = refused(*words, "--data", str(tmp_path))
        assert str(tmp_path) in line


def test_a_wrong_option_is_said_in_the_usual_way(tmp_path: Path) -> None:
    for words in (("serve", "--nonsense"), ("nonsense",), ("serve", "--dns")):
        done = control(*words, "--data", str(tmp_path))
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
    assert "dns" in refused("serve", "--data", str(tmp_path), "--dns", "nonsense")
