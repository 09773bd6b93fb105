"""The networks from which a credential may be used."""

from collections.abc import Collection, Iterable
from ipaddress import ip_address, ip_network

from nsd.errors import Invalid


def read_networks(given: Iterable[str]) -> tuple[str, ...]:
    """Read networks such as `192.0.2.0/24` into their usual spelling. Raises Invalid."""
    return tuple(map(_read, given))


def _read(text: str) -> str:
    try:
        return str(ip_network(text))
    except ValueError as error:
        raise Invalid(f"'{text}' is not a network: {error}") from error


def admits(networks: Collection[str], address: str) -> bool:
    """Tell whether an address is in one of the networks; none at all admit every address."""
    if not networks:
        return True
    caller = ip_address(address)
    return any(caller in ip_network(network) for network in networks)
