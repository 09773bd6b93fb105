"""Every refusal that can carry a reason does."""

import pytest

from tests.conformance.asked import example


@pytest.mark.parametrize(
    ("name", "kind", "rdclass", "code"),
    [
        ("example.org.", "A", "IN", 20),
        ("example.", "AXFR", "IN", 18),
        ("example.", "MAILB", "IN", 21),
        ("example.", "A", "HS", 20),
        ("version.bind.", "TXT", "CH", 18),
    ],
)
def test_the_code_of_a_refusal(name: str, kind: str, rdclass: str, code: int) -> None:
    reply = example("").ask(name, kind, rdclass=rdclass, use_edns=0)
    assert (reply.extended_error, reply.answer) == (code, []), reply
    assert reply.options[15][2:].decode().isascii(), reply


def test_without_edns_there_is_no_reason() -> None:
    assert example("").ask("example.org.").additional == []


@pytest.mark.parametrize("name", ["a", "b"])
def test_an_answer_needs_none(name: str) -> None:
    assert example("a A 192.0.2.1\n").ask(f"{name}.example.", use_edns=0).options == {}
