"""ANY: over UDP one RRset, over TCP all of them."""

from tests.conformance.asked import SOA, example

RECORDS = (
    "a A 192.0.2.1\na A 192.0.2.2\na TXT x\na MX 1 a\n* A 192.0.2.3\n* TXT y\nb.c A 192.0.2.4\n"
)


def test_over_udp_one_whole_rrset_is_given() -> None:
    reply = example(RECORDS).ask("a.example.", "ANY")
    kinds = [line.split()[2] for line in reply.answer]
    assert kinds in (["A", "A"], ["TXT"], ["MX"]), reply
    assert reply.flags == {"aa"}, reply


def test_it_is_the_smallest_one() -> None:
    records = 'b TXT "' + "x" * 200 + '"\nb A 192.0.2.1\nb AAAA 2001:db8::1\nb MX 1 a\n'
    reply = example(records).ask("b.example.", "ANY")
    assert [line.split()[2] for line in reply.answer] == ["A"], reply


def test_over_tcp_all_rrsets_are_given() -> None:
    reply = example(RECORDS).ask("a.example.", "ANY", tcp=True)
    assert sorted(line.split()[2] for line in reply.answer) == ["A", "A", "MX", "TXT"], reply


def test_a_wildcard_is_given_whole() -> None:
    reply = example(RECORDS).ask("x.example.", "ANY", tcp=True)
    assert sorted(line.split()[2] for line in reply.answer) == ["A", "TXT"], reply


def test_an_empty_non_terminal_is_nodata() -> None:
    reply = example(RECORDS).ask("c.example.", "ANY")
    assert (reply.rcode, reply.answer, reply.authority) == ("NOERROR", [], [SOA]), reply


def test_the_apex_is_given_whole() -> None:
    reply = example("").ask("example.", "ANY", tcp=True)
    assert sorted(line.split()[2] for line in reply.answer) == ["NS", "SOA"], reply
