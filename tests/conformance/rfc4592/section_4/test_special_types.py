"""NS, CNAME, DNAME and DS at a wildcard."""

from tests.conformance.asked import SOA, example


def test_a_wildcard_alias_is_followed() -> None:
    reply = example("* CNAME a\na A 192.0.2.1\n").ask("b.example.")
    assert reply.answer == ["b.example. 300 CNAME a.example.", "a.example. 300 A 192.0.2.1"], reply


def test_a_wildcard_alias_is_followed_to_another_wildcard() -> None:
    reply = example("* CNAME x.w\n*.w A 192.0.2.1\n").ask("b.example.")
    assert reply.answer[1] == "x.w.example. 300 A 192.0.2.1", reply


def test_name_servers_at_a_wildcard_cut_nothing_off() -> None:
    """Section 4.2 leaves it open; as NSD, we take them as data of the wildcard."""
    server = example("* NS ns.elsewhere.test.\n")
    assert server.ask("a.example.", "NS").answer == ["a.example. 300 NS ns.elsewhere.test."]
    reply = server.ask("a.example.", "A")
    assert (reply.rcode, reply.authority, reply.flags) == ("NOERROR", [SOA], {"aa"}), reply


def test_name_servers_at_the_asterisk_itself_are_a_cut() -> None:
    reply = example("* NS ns.elsewhere.test.\n").ask("a.*.example.")
    assert reply.authority == ["*.example. 300 NS ns.elsewhere.test."], reply


def test_a_dname_at_a_wildcard_is_made_only_where_it_is_asked_for() -> None:
    server = example("* DNAME elsewhere.test.\n")
    assert server.ask("a.example.", "DNAME").answer == ["a.example. 300 DNAME elsewhere.test."]
    reply = server.ask("b.a.example.", "A")
    assert (reply.rcode, reply.answer, reply.authority) == ("NOERROR", [], [SOA]), reply


def test_a_dname_at_the_asterisk_itself_redirects_below_it() -> None:
    reply = example("* DNAME elsewhere.test.\n").ask("a.*.example.")
    assert reply.answer == [
        "*.example. 300 DNAME elsewhere.test.",
        "a.*.example. 300 CNAME a.elsewhere.test.",
    ], reply


def test_ds_at_a_wildcard_is_data() -> None:
    reply = example(f"* DS 1 13 2 {'ab' * 32}\n").ask("a.example.", "DS")
    assert len(reply.answer) == 1, reply
