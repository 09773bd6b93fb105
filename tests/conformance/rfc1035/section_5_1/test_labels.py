"""Labels of any octets: dots, spaces, zeros, upper case, what is no ASCII."""

import pytest

from tests.conformance.asked import SOA, example


@pytest.mark.parametrize(
    "label", [r"a\.b", r"\000", r"\032", r"\255\254", r"\\", r"\"", r"a\;b", "_x", r"\@", "A-B"]
)
def test_a_label_of_any_octets_is_found_and_shown(label: str) -> None:
    reply = example(f"{label} A 192.0.2.1\n").ask(f"{label}.example.")
    assert len(reply.answer) == 1, reply
    assert reply.message.answer[0].name == reply.message.question[0].name, reply


def test_a_dot_in_a_label_makes_no_other_name() -> None:
    reply = example(r"a\.b A 192.0.2.1" + "\n").ask("a.b.example.")
    assert (reply.rcode, reply.authority) == ("NXDOMAIN", [SOA]), reply


def test_an_octet_that_looks_like_a_length_cuts_nothing() -> None:
    reply = example(r"a\001b NS ns.elsewhere.test." + "\n").ask("b.example.")
    assert reply.rcode == "NXDOMAIN", reply


def test_an_escaped_asterisk_is_the_same_label_as_a_plain_one() -> None:
    assert len(example("* A 192.0.2.1\n").ask(r"\*.example.").answer) == 1
