"""Who may transfer what: by key, by network, by zone. What no rule allows is refused."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address

from nsd.account.keyring import Keyring
from nsd.settings import TransferRule
from nsd.store.secondaries import Secondary
from nsd.zone import name
from nsd.zone.name import WireName


class Access:
    """What one client may transfer.

    A declared secondary may have the zones of its group and their catalog; with a key it is known
    by the key, without one by its address. A rule of the settings allows all zones, or one.
    """

    def __init__(
        self,
        secondaries: Iterable[Secondary],
        keyring: Keyring,
        rules: Sequence[TransferRule],
        client: str,
        key_name: WireName | None,
    ) -> None:
        self._catalog_ids = frozenset(
            secondary.catalog_id
            for secondary in secondaries
            if _is(secondary, keyring, client, key_name)
        )
        self._zones = frozenset(_allowed(rules, client, key_name))
        self.is_known = bool(self._catalog_ids or self._zones)

    def allows(self, apex: WireName, catalog_ids: Collection[int]) -> bool:
        """Tell whether the client may have a zone that is in these catalogs."""
        if not self._catalog_ids.isdisjoint(catalog_ids):
            return True
        return None in self._zones or apex in self._zones


def _is(secondary: Secondary, keyring: Keyring, client: str, key_name: WireName | None) -> bool:
    if secondary.key_id is None:
        return client == secondary.host
    return key_name is not None and keyring.name_of(secondary.key_id) == key_name


def _allowed(
    rules: Sequence[TransferRule], client: str, key_name: WireName | None
) -> Iterator[WireName | None]:
    """Give the zones that rules allow a client; None stands for all."""
    for rule in rules:
        if rule.network is not None and not _is_in(client, rule.network):
            continue
        if rule.key is not None and name.lower(name.from_text(rule.key)) != key_name:
            continue
        yield None if rule.zone is None else name.lower(name.from_text(rule.zone))


def _is_in(client: str, network: IPv4Network | IPv6Network) -> bool:
    try:
        return ip_address(client) in network
    except ValueError:
        return False
