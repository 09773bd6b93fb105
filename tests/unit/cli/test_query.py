"""`nsdctl query` shows the whole answer of a server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance.asked import HEAD
from tests.conformance.campaign.ours import OurServer, listening
from tests.live.port import free_port
from tests.unit.cli.test_commands import Place

RECORDS = r"""www A 192.0.2.1
odd\.\200 MX 10 n\255.example.org.
""" + "".join(f"big TXT {'x' * 200}{number}\n" for number in range(20))


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    text = HEAD.format(apex="example.test.") + RECORDS
    with listening(OurServer([("example.test.", text)])) as peer:
        yield f"{peer.address[0]}:{peer.address[1]}"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_the_answer_is_shown_with_its_header(place: Place, server: str) -> None:
    said = place.says("query", "www.example.test", "--at", server)
    assert said.startswith(f";; {server}\n")
    assert "status: NOERROR" in said
    assert "flags: qr aa;" in said
    assert "192.0.2.1" in said


def test_a_type_may_be_named(place: Place, server: str) -> None:
    said = place.says("query", "example.test", "soa", "--at", server)
    assert "host.example.org. 1 7200 900 1209600 900" in said


def test_names_that_are_no_text_are_shown(place: Place, server: str) -> None:
    said = place.says("query", r"odd\.\200.example.test", "MX", "--at", server)
    assert r"10 n\255.example.org." in said


def test_an_answer_too_long_for_a_datagram_is_shown_whole(place: Place, server: str) -> None:
    said = place.says("query", "big.example.test", "TXT", "--at", server)
    assert "ANSWER: 20" in said


def test_several_servers_are_asked_and_who_does_not_answer_is_said(
    place: Place, server: str
) -> None:
    nobody = f"127.0.0.1:{free_port()}"
    done = place.run("query", "www.example.test", "--at", nobody, "--at", server)
    assert (done.returncode, done.stderr) == (1, f"nsdctl: {nobody}: no answer\n")
    assert "192.0.2.1" in done.stdout


def test_without_an_address_our_own_server_is_asked(place: Place, server: str) -> None:
    config = place.file("nsd.toml", f'[dns]\nlisten = ["{server}"]\n')
    assert "192.0.2.1" in place.says("query", "www.example.test", "--config", config)
