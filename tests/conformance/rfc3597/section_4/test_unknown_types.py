"""Types that nobody has named yet."""

import pytest

from tests.conformance.asked import SOA, example

RECORDS = "a TYPE65280 \\# 3 010203\n* TYPE65281 \\# 0\nc CNAME a\n"


def test_a_record_of_an_unknown_type_is_answered() -> None:
    reply = example(RECORDS).ask("a.example.", "TYPE65280")
    assert reply.answer == [r"a.example. 300 TYPE65280 \# 3 010203"], reply


def test_an_unknown_type_may_be_empty_and_at_a_wildcard() -> None:
    reply = example(RECORDS).ask("b.example.", "TYPE65281")
    assert reply.answer == [r"b.example. 300 TYPE65281 \# 0"], reply


def test_an_unknown_type_is_found_behind_an_alias() -> None:
    assert len(example(RECORDS).ask("c.example.", "TYPE65280").answer) == 2


@pytest.mark.parametrize("kind", [32768, 1000, 65534, 65535])
def test_a_type_that_is_not_there_is_nodata(kind: int) -> None:
    reply = example(RECORDS).ask("a.example.", f"TYPE{kind}")
    assert (reply.rcode, reply.authority) == ("NOERROR", [SOA]), reply


@pytest.mark.parametrize("rdclass", ["CLASS2", "HS", "CLASS65280", "NONE"])
def test_an_unknown_class_is_refused(rdclass: str) -> None:
    reply = example(RECORDS).ask("a.example.", rdclass=rdclass, use_edns=0)
    assert (reply.rcode, reply.extended_error) == ("REFUSED", 20), reply


def test_class_any_is_answered_without_authority() -> None:
    """We cannot know what other classes hold; as NSD does."""
    reply = example("a A 192.0.2.1\n").ask("a.example.", rdclass="ANY")
    assert (len(reply.answer), reply.flags) == (1, set()), reply
