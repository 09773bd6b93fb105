"""A source of transfers that refuses them all; what it holds are keys and hidden zones."""

from collections.abc import AsyncGenerator, Collection, Sequence

from nsd.message.tsig import Key
from nsd.rcode import Rcode
from nsd.server.later import TransferRequest
from nsd.zone.name import WireName, from_text


class Source:
    """Knows the given keys, and the apexes of hidden zones."""

    def __init__(self, keys: Sequence[Key] = (), hidden: Collection[str] = ()) -> None:
        self.keys = self
        self._keys = keys
        self._hidden = {from_text(apex) for apex in hidden}

    def find(self, key_name: WireName) -> Sequence[Key]:
        return [key for key in self._keys if key.name == key_name]

    def hides(self, name: WireName) -> bool:
        return name in self._hidden

    def is_unready(self, _name: WireName) -> bool:
        return False

    async def answer(self, request: TransferRequest) -> AsyncGenerator[bytes, None]:
        yield request.refuse("nothing is transferred here")

    def notified(self, _apex: WireName, _client: str, _key: Key | None) -> Rcode:
        return Rcode.NOTAUTH
