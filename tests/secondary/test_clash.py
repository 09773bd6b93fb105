"""A catalog whose name is taken."""

from collections.abc import Callable

from tests.secondary.primary import Primary

Primaries = Callable[..., Primary]


def test_a_zone_in_the_catalog_s_place_is_served_and_keeps_no_server_from_starting(
    primaries: Primaries,
) -> None:
    here = primaries()
    here.ok("POST", "/dns-zones/", {"domain": "catalog.example"})
    here.stop()
    here.config.write_text(
        '[transfer]\ncatalog_suffix = "catalog.example"\n'
        '[secondaries.ns1]\naddress = "127.0.0.1:5"\n'
    )
    here.start()
    assert "a secondary of the settings is left out" in here.log.read_text()
    assert "transfer.catalog_suffix" in here.log.read_text()
    zone = here.ok("GET", "/dns-zones/?domain=catalog.example")[0]
    record = {"record_type": "A", "name": "www", "value": "192.0.2.1"}
    here.ok("POST", f"/dns-zones/{zone['uuid']}/records/", record)
