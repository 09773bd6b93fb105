"""Class CHAOS: `version.bind`, `version.server`, `hostname.bind`, `id.server`."""

import pytest

from tests.conformance.asked import example

NAMES = ["version.bind.", "version.server.", "hostname.bind.", "id.server."]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["TXT", "ANY"])
def test_what_is_set_is_told(name: str, kind: str) -> None:
    reply = example("", version="1.0", identity="ns1").ask(name, kind, rdclass="CH")
    text = "1.0" if name.startswith("version") else "ns1"
    assert reply.answer == [f'{name} 0 TXT "{text}"'], reply
    assert reply.message.answer[0].rdclass == 3, reply


@pytest.mark.parametrize("name", NAMES)
def test_what_is_not_set_is_refused(name: str) -> None:
    reply = example("").ask(name, "TXT", rdclass="CH", use_edns=0)
    assert (reply.rcode, reply.extended_error) == ("REFUSED", 18), reply


@pytest.mark.parametrize(("name", "kind"), [("other.bind.", "TXT"), ("version.bind.", "A")])
def test_anything_else_is_refused(name: str, kind: str) -> None:
    assert example("", version="1", identity="a").ask(name, kind, rdclass="CH").rcode == "REFUSED"


def test_the_case_of_the_name_does_not_matter() -> None:
    assert example("", version="1").ask("VERSION.bind.", "TXT", rdclass="CH").answer == [
        'VERSION.bind. 0 TXT "1"'
    ]


def test_our_zones_are_not_of_this_class() -> None:
    assert example("").ask("example.", "SOA", rdclass="CH").rcode == "REFUSED"
