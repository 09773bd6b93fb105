"""Random changes in two zones of our own: each ALIAS answers what its target answers."""

import secrets
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dozens.conftest import Both, make_both
from tests.live.server import Server, eventually

NAMES = ("", "a", "b", "*.a", "x.a", "y.x.a", "c")
ZONES = ("one", "two")

places = st.tuples(st.sampled_from(ZONES), st.sampled_from(NAMES))
changes = st.one_of(
    st.tuples(st.just("ALIAS"), places, places),
    st.tuples(st.sampled_from(["CNAME", "A", "A", "AAAA", "TXT"]), places, places),
    st.tuples(st.just("DELETE"), st.integers(0, 99), st.none()),
)


class Zones:
    """Two zones of an account, and what was made in them."""

    def __init__(self, server: Server, both: Both) -> None:
        self.server = server
        self.both = both
        self.suffix = f"{secrets.token_hex(4)}.example"
        self.uuids = {
            zone: both.vps.post("/dns-zones/", {"domain": f"{zone}.{self.suffix}"}).expect(201)[
                "uuid"
            ]
            for zone in ZONES
        }
        self.records: list[dict[str, Any]] = []

    def name(self, place: tuple[str, str]) -> str:
        zone, label = place
        return f"{label}.{zone}.{self.suffix}".lstrip(".")

    def apply(self, kind: str, what: Any, target: Any) -> None:
        """Make a change; what is refused changes nothing and is fine."""
        if kind == "DELETE":
            if self.records:
                record = self.records.pop(what % len(self.records))
                self.both.vps.delete(f"/dns-records/{record['uuid']}/").expect_status(204)
            return
        zone, label = what
        value = {"A": "192.0.2.1", "AAAA": "2001:db8::1", "TXT": "x"}.get(kind)
        if kind == "A":
            value = f"192.0.2.{1 + len(self.records)}"
        members = {
            "name": label,
            "record_type": kind,
            "value": value or self.name(target).replace("*", "any"),
        }
        reply = self.both.vps.post(f"/dns-zones/{self.uuids[zone]}/records/", members)
        assert reply.status in (201, 400), reply
        if reply.status == 201:
            self.records.append({**reply.json, "at": self.name(what).replace("*", "some")})

    def differences(self) -> list[str]:
        """List each ALIAS that does not answer what its target does.

        A name with an ALIAS that has no address, and nothing beside it, leaves room to a wildcard
        above: nothing is said of zones with both.
        """
        aliases = [one for one in self.records if one["record_type"] == "ALIAS"]
        found = [(one, self.addresses(one["at"]), self.addresses(one["value"])) for one in aliases]
        if any("*" in one["name"] for one in self.records) and not all(
            there for *_, there in found
        ):
            return []
        return [
            f"{one['name']} ({one['at']}) to {one['value']}: {here} instead of {there}"
            for one, here, there in found
            if here != there and not self.is_covered(one)
        ]

    def addresses(self, name: str) -> list[str]:
        return self.server.found(name, "A") + self.server.found(name, "AAAA")

    def is_covered(self, alias: dict[str, Any]) -> bool:
        """Tell whether the name that is asked for a wildcard is another record's."""
        return any(
            one is not alias and one["at"] == alias["at"] and one["name"] != alias["name"]
            for one in self.records
        )


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(changes, min_size=10, max_size=40))
def test_each_alias_answers_what_its_target_answers(
    server: Server, steps: list[tuple[str, Any, Any]]
) -> None:
    zones = Zones(server, make_both(server))
    for step in steps:
        zones.apply(*step)
    eventually(
        # Thrice, since on the way there may be a moment in which all agree.
        lambda: not any(zones.differences() for _ in range(3)),
        within=5,
        why="an ALIAS and its target differ",
    )
