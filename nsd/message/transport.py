"""What carries messages."""

from enum import Enum


class Transport(Enum):
    """The ways that messages go.

    A stream carries messages of any length to a client whose address is proven; a datagram is of
    a bounded length, may be lost, and its sender's address may be another's.
    """

    UDP = "UDP"
    TCP = "TCP"

    def __init__(self, _name: str) -> None:
        self.is_stream = self.name != "UDP"
