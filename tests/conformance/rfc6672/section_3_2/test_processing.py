"""What follows after the substitution."""

from tests.conformance.asked import SOA, Nameserver, example


def test_the_chain_goes_on_in_the_zone() -> None:
    reply = example("d DNAME e\na.e A 192.0.2.1\n").ask("a.d.example.")
    assert reply.answer[2:] == ["a.e.example. 300 A 192.0.2.1"], reply


def test_the_made_alias_has_the_ttl_of_the_dname() -> None:
    reply = example("d 77 DNAME e\n").ask("a.d.example.")
    assert [line.split()[1] for line in reply.answer] == ["77", "77"], reply


def test_the_chain_goes_on_in_another_zone_of_ours() -> None:
    zones = {"example.": "d DNAME other.test.\n", "other.test.": "a A 192.0.2.1\n"}
    assert Nameserver(zones).ask("a.d.example.").answer[2:] == ["a.other.test. 300 A 192.0.2.1"]


def test_a_chain_to_a_missing_name_is_a_name_error() -> None:
    reply = example("d DNAME e\ne A 192.0.2.1\n").ask("a.d.example.")
    assert (reply.rcode, reply.authority, len(reply.answer)) == ("NXDOMAIN", [SOA], 2), reply


def test_dnames_are_chained() -> None:
    reply = example("d DNAME e\ne DNAME f\na.f A 192.0.2.1\n").ask("a.d.example.")
    assert [line.split()[2] for line in reply.answer] == ["DNAME", "CNAME"] * 2 + ["A"], reply


def test_a_wildcard_is_found_after_the_substitution() -> None:
    reply = example("d DNAME e\n*.e A 192.0.2.1\n").ask("a.d.example.")
    assert reply.answer[2:] == ["a.e.example. 300 A 192.0.2.1"], reply


def test_the_topmost_of_cut_and_dname_counts() -> None:
    reply = example("c NS ns.elsewhere.test.\nd.c DNAME e\n").ask("a.d.c.example.")
    assert (reply.answer, len(reply.authority)) == ([], 1), reply


def test_a_cut_behind_a_dname_refers() -> None:
    reply = example("d DNAME e\ne NS ns.elsewhere.test.\n").ask("a.d.example.")
    assert reply.authority == ["e.example. 300 NS ns.elsewhere.test."], reply
    assert reply.flags == {"aa"}, reply


def test_a_dname_used_twice_stands_in_the_answer_once() -> None:
    reply = example("d DNAME e\na.e CNAME b.d\nb.e A 192.0.2.1\n").ask("a.d.example.")
    assert [line.split()[2] for line in reply.answer] == ["DNAME", "CNAME", "CNAME", "CNAME", "A"]


def test_a_dname_that_leads_below_itself_is_applied_once() -> None:
    reply = example("d DNAME d.d\n").ask("a.d.example.")
    assert (reply.rcode, len(reply.answer)) == ("NOERROR", 2), reply


def test_two_dnames_that_lead_to_each_other_end() -> None:
    reply = example("d DNAME e\ne DNAME d\n").ask("a.d.example.")
    assert (reply.rcode, len(reply.answer)) == ("NOERROR", 4), reply


def test_two_dnames_that_grow_the_name_end() -> None:
    reply = example("d DNAME x.e\ne DNAME y.d\n").ask("a.d.example.", tcp=True)
    assert (reply.rcode, len(reply.answer)) == ("NOERROR", 2 + 17), reply


def test_a_dname_that_was_applied_and_is_then_asked_for_stands_in_the_answer_once() -> None:
    reply = example("d DNAME e\na.e CNAME d\n").ask("a.d.example.", "DNAME")
    assert [line.split()[2] for line in reply.answer] == ["DNAME", "CNAME", "CNAME"], reply
