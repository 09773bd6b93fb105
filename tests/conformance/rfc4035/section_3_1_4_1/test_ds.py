"""DS belongs to the parent's side of a cut."""

from tests.conformance.asked import SOA, Nameserver, example

DS = f"1 13 2 {'ab' * 32}"
PARENT = f"sub NS ns.elsewhere.test.\nsub DS {DS}\nbare NS ns.elsewhere.test.\n"


def test_ds_at_a_cut_is_answered() -> None:
    reply = example(PARENT).ask("sub.example.", "DS")
    assert (reply.answer, reply.flags) == ([f"sub.example. 300 DS {DS}"], {"aa"}), reply


def test_a_cut_without_ds_is_nodata() -> None:
    reply = example(PARENT).ask("bare.example.", "DS")
    assert (reply.rcode, reply.authority, reply.flags) == ("NOERROR", [SOA], {"aa"}), reply


def test_ds_below_a_cut_is_referred() -> None:
    reply = example(PARENT).ask("a.sub.example.", "DS")
    assert (reply.answer, reply.flags, len(reply.authority)) == ([], set(), 1), reply


def test_where_both_sides_are_ours_the_parent_answers() -> None:
    reply = Nameserver({"example.": PARENT, "sub.example.": ""}).ask("sub.example.", "DS")
    assert reply.answer == [f"sub.example. 300 DS {DS}"], reply


def test_where_the_child_alone_is_ours_it_denies() -> None:
    reply = example("").ask("example.", "DS")
    assert (reply.rcode, reply.authority) == ("NOERROR", [SOA]), reply


def test_the_root_has_no_parent() -> None:
    reply = Nameserver({".": ""}).ask(".", "DS")
    assert (reply.rcode, reply.authority[0].split()[0]) == ("NOERROR", "."), reply


def test_ds_where_only_a_grandparent_is_ours() -> None:
    zones = {"example.": "a.b TXT x\n", "a.b.example.": ""}
    reply = Nameserver(zones).ask("a.b.example.", "DS")
    assert (reply.rcode, reply.authority) == ("NOERROR", [SOA]), reply
