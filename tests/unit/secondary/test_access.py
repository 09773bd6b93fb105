"""Who may transfer what."""

import pytest

from nsd.secondary.access import Access
from nsd.settings import TransferRule
from nsd.store.secondaries import Secondary
from nsd.zone.name import WireName, from_text
from tests.unit.secondary.world import World

APEX, OTHER = from_text("example.com."), from_text("example.org.")
HOST, ELSEWHERE = "192.0.2.1", "198.51.100.1"
CATALOG, OTHER_CATALOG = 1, 2


def secondary(key_id: int | None) -> Secondary:
    return Secondary(1, "ns1", HOST, 53, key_id, CATALOG, "", False, 1)


async def with_keys(world: World) -> World:
    """Add the keys `ours` and `other`, whose ids are 1 and 2."""
    for name in ("ours.", "other."):
        await world.database.write(
            lambda at, name=name: world.keyring.table.add(  # type: ignore[misc]
                at, from_text(name), "hmac-sha256", now=1
            )
        )
    await world.keyring.load()
    return world


@pytest.mark.parametrize(
    ("key_id", "client", "key", "is_allowed"),
    [
        (None, HOST, None, True),
        (None, ELSEWHERE, None, False),
        (1, ELSEWHERE, "ours.", True),
        (1, HOST, "other.", False),
        (1, HOST, None, False),
        (3, HOST, None, False),
        (3, HOST, "ours.", False),
    ],
)
async def test_a_secondary_is_known_by_its_key_and_without_one_by_its_address(
    world: World, key_id: int | None, client: str, key: str | None, *, is_allowed: bool
) -> None:
    await with_keys(world)
    key_name = None if key is None else from_text(key)
    access = Access([secondary(key_id)], world.keyring, [], client, key_name)
    assert access.is_known == is_allowed
    assert access.allows(APEX, [CATALOG]) == is_allowed
    assert not access.allows(APEX, [OTHER_CATALOG])
    assert not access.allows(APEX, [])


@pytest.mark.parametrize(
    ("rule", "allowed"),
    [
        ("key=ours", {APEX, OTHER}),
        ("key=OURS.", {APEX, OTHER}),
        ("key=other", set()),
        ("network=192.0.2.0/24", {APEX, OTHER}),
        ("network=198.51.100.0/24", set()),
        ("network=2001:db8::/32", set()),
        ("key=ours&network=198.51.100.0/24", set()),
        ("key=other&network=192.0.2.0/24", set()),
        ("key=ours&zone=Example.COM", {APEX}),
    ],
)
def test_a_rule_allows_by_all_that_it_names(
    world: World, rule: str, allowed: set[WireName]
) -> None:
    rules = [TransferRule.parse(rule)]
    access = Access([], world.keyring, rules, HOST, from_text("ours."))
    assert {apex for apex in (APEX, OTHER) if access.allows(apex, [])} == allowed
    assert access.is_known == bool(allowed)


def test_several_rules_allow_what_each_of_them_does(world: World) -> None:
    rules = [TransferRule.parse(f"network={HOST}&zone={zone}") for zone in ("a.test", "b.test")]
    access = Access([], world.keyring, rules, HOST, None)
    zones = [from_text(zone) for zone in ("a.test.", "b.test.", "c.test.")]
    assert [access.allows(apex, []) for apex in zones] == [True, True, False]
