"""The one place between a reply and the socket."""

from collections.abc import Callable
from typing import TypeAlias

from nsd.message.transport import Transport

Limit: TypeAlias = Callable[[bytes, bytes, bytes, Transport], bytes | None]


class Gate:
    """Where every reply may still be dropped or cut short, whichever way it was made.

    `limit` is given the question, the reply, the client's address in 4 or 16 octets, and what
    carries them. It gives what is sent: the reply, another one, or None for silence; on a stream
    silence ends the connection. Without a limit, replies pass, and cost nothing.
    """

    __slots__ = ("limit",)

    def __init__(self, limit: Limit | None = None) -> None:
        self.limit = limit

    def passed(
        self, question: bytes, reply: bytes, client: bytes, transport: Transport
    ) -> bytes | None:
        """Give what is sent of a reply."""
        return reply if self.limit is None else self.limit(question, reply, client, transport)
