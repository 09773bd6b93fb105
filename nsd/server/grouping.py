"""How clients fall into networks."""

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from sys import byteorder
from typing import Final


@dataclass(frozen=True, slots=True)
class Grouping:
    """How addresses of one family fall into networks.

    A source is the number that the first `read` octets of an address are to this machine.
    """

    octets: int
    read: int
    prefix: int

    @property
    def mask(self) -> int:
        """What of a source is the network."""
        return self._mask(self.prefix)

    def source(self, client: bytes) -> int:
        """Give the source of an address."""
        return int.from_bytes(client[: self.read], byteorder)

    def covers(self, network: IPv4Network | IPv6Network) -> tuple[int, int] | None:
        """Give the mask and the rest of all sources in a network; None if it is too narrow."""
        if len(network.network_address.packed) != self.octets or network.prefixlen > self.prefix:
            return None
        return self._mask(network.prefixlen), self.source(network.network_address.packed)

    def _mask(self, prefix: int) -> int:
        bits = 8 * self.read
        return int.from_bytes(
            (((1 << prefix) - 1) << (bits - prefix)).to_bytes(self.read), byteorder
        )


IPV4: Final = Grouping(octets=4, read=4, prefix=24)
IPV6: Final = Grouping(octets=16, read=8, prefix=56)
