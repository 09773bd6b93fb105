"""The wildcard that counts is the one just below the closest encloser."""

import pytest

from tests.conformance.asked import example

RECORDS = "* TXT top\n*.a TXT a\nb.a TXT b\n*.c.a TXT c\n*.*.a A 192.0.2.1\n"


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("x", "top"),
        ("x.y", "top"),
        ("*", "top"),
        ("x.a", "a"),
        ("x.y.a", "a"),
        ("*.a", "a"),
        ("b.a", "b"),
        ("x.c.a", "c"),
        ("x.b.a", None),
        ("a", None),
        ("c.a", None),
        ("x.*", None),
    ],
)
def test_the_source_of_synthesis(name: str, found: str | None) -> None:
    reply = example(RECORDS).ask(f"{name}.example.", "TXT")
    expected = [] if found is None else [f'{name}.example. 300 TXT "{found}"']
    assert reply.answer == expected, reply


def test_an_asterisk_as_a_label_of_the_question_is_no_wildcard() -> None:
    assert example(RECORDS).ask("x.*.a.example.").answer == ["x.*.a.example. 300 A 192.0.2.1"]
    assert example(RECORDS).ask("x.z.a.example.").answer == []


def test_the_question_is_spelled_as_it_was_asked() -> None:
    assert example(RECORDS).ask("xX.Yy.eXample.", "TXT").answer[0].startswith("xX.Yy.eXample. ")
