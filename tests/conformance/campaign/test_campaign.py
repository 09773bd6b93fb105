"""A short campaign; `make conformance` runs a long one."""

from pathlib import Path

import pytest

from tests.conformance.campaign import peers
from tests.conformance.campaign.asker import query
from tests.conformance.campaign.classes import LEEWAYS, MODELS
from tests.conformance.campaign.ours import OurServer, listening
from tests.conformance.campaign.run import ask, generate, servers
from tests.conformance.campaign.tally import Tally
from tests.conformance.campaign.world import place

DOCS = Path(__file__).parents[3] / "docs" / "conformance.md"


def test_every_difference_from_the_peers_has_a_name() -> None:
    for missing in peers.missing():
        pytest.skip(f"{missing} is missing")
    placed = place(generate(12, 20))
    with servers(placed, OurServer) as running:
        batch = ask(placed, running)
    tally = Tally()
    tally.add(batch)
    assert tally.cases > 250
    assert not tally.unexplained, "\n".join(str(one.case) for one in tally.unexplained[:3])


def test_sockets_give_what_the_responder_gives() -> None:
    placed = place(generate(8, 21))
    server = OurServer([text for one in placed for text in one.texts()])
    asked = [query(one, question) for one in placed for question in one.world.questions]
    with listening(server) as peer:
        replies = peer.ask(asked)
    for one, expected, reply in zip(asked, server.ask(asked), replies, strict=True):
        assert reply is not None, one.wire.hex()
        assert expected is not None
        assert reply[2:] == expected[2:], one.wire.hex()


@pytest.mark.parametrize("name", [one.name for one in (*MODELS, *LEEWAYS)])
def test_every_named_difference_is_documented(name: str) -> None:
    assert name in DOCS.read_text()
