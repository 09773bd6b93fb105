"""Who asks."""

import socket


def packed(client: str) -> bytes:
    """Give an address as 4 or 16 octets; a link-local one without the interface that it names."""
    address = client.partition("%")[0]
    return socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)
