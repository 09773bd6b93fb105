"""Labels of 63 octets and names of 255."""

import pytest

from tests.conformance.asked import example

LABEL = "a" * 63
LONG = f"{LABEL}.{LABEL}.{LABEL}.{'b' * 53}"
"""Below `example.` this name has 255 octets on the wire."""


def test_a_name_of_255_octets_is_answered() -> None:
    assert len(example(f"{LONG} A 192.0.2.1\n").ask(f"{LONG}.example.").answer) == 1


def test_a_missing_name_of_255_octets_is_a_name_error() -> None:
    assert example("").ask(f"{LONG}.example.").rcode == "NXDOMAIN"


def test_a_wildcard_stands_for_a_name_of_255_octets() -> None:
    assert len(example("* A 192.0.2.1\n").ask(f"{LONG}.example.").answer) == 1


@pytest.mark.parametrize(
    "name",
    [b"\x3f" + b"a" * 63, b"\x40" + b"a" * 64, b"\x01a" * 124],
    ids=["label over the end", "label of 64", "name of 257"],
)
def test_a_malformed_name_is_a_format_error(name: bytes) -> None:
    header = b"\x12\x34\x00\x00\x00\x01" + bytes(6)
    reply = example("").send(header + name + b"\x07example\x00"[: 9 if len(name) > 65 else 0])
    assert reply.rcode == "FORMERR", reply
