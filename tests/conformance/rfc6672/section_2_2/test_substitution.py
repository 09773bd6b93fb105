"""The table of section 2.2, and what does not fit."""

import pytest

from tests.conformance.asked import Nameserver, example


@pytest.mark.parametrize(
    ("qname", "owner", "target", "result"),
    [
        ("com.", "example.com.", "example.net.", None),
        ("example.com.", "example.com.", "example.net.", None),
        ("a.example.com.", "example.com.", "example.net.", "a.example.net."),
        ("a.b.example.com.", "example.com.", "example.net.", "a.b.example.net."),
        ("ab.example.com.", "b.example.com.", "example.net.", None),
        ("foo.example.com.", "example.com.", "example.net.", "foo.example.net."),
        ("a.x.example.com.", "x.example.com.", "example.net.", "a.example.net."),
        ("a.example.com.", "example.com.", "y.example.net.", "a.y.example.net."),
        ("cyc.example.com.", "example.com.", "example.com.", "cyc.example.com."),
        ("cyc.example.com.", "example.com.", "c.example.com.", "cyc.c.example.com."),
        ("shortloop.x.x.", "x.", ".", "shortloop.x."),
        ("shortloop.x.", "x.", ".", "shortloop."),
    ],
)
def test_the_table(qname: str, owner: str, target: str, result: str | None) -> None:
    apex = "com." if owner.endswith("com.") else "x."
    reply = Nameserver({apex: f"{owner} DNAME {target}\n"}).ask(qname)
    made = [line.split()[-1] for line in reply.answer if " CNAME " in line]
    assert made[:1] == ([result] if result else []), reply


LABEL = "a" * 63


def test_a_name_that_becomes_too_long_is_yxdomain() -> None:
    server = example(f"d DNAME {LABEL}.{LABEL}.elsewhere.test.\n")
    reply = server.ask(f"{LABEL}.{LABEL}.d.example.")
    assert (reply.rcode, reply.flags) == ("YXDOMAIN", {"aa"}), reply
    assert [line.split()[2] for line in reply.answer] == ["DNAME"], reply


def test_a_name_that_becomes_255_octets_long_is_made() -> None:
    server = example(f"d DNAME {LABEL}.{LABEL}.\n")
    reply = server.ask(f"{LABEL}.{'b' * 61}.d.example.", tcp=True)
    assert (reply.rcode, len(reply.answer)) == ("NOERROR", 2), reply
    assert server.ask(f"{LABEL}.{'b' * 62}.d.example.").rcode == "YXDOMAIN"


def test_the_case_of_the_question_is_kept_in_what_is_made() -> None:
    reply = example("d DNAME Elsewhere.test.\n").ask("Ab.D.example.")
    assert reply.answer == [
        "D.example. 300 DNAME Elsewhere.test.",
        "Ab.D.example. 300 CNAME Ab.Elsewhere.test.",
    ], reply
