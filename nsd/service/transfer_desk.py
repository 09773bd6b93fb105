"""What the responder hands over, each to the room that it concerns."""

from nsd.account.keyring import Keyring
from nsd.copy.keeper import Copies
from nsd.message.tsig import Keys
from nsd.secondary.outbound import Outbound


class TransferDesk:
    """Requests for transfers go to `outbound`, what concerns copies to `copies`."""

    def __init__(self, keyring: Keyring, outbound: Outbound, copies: Copies) -> None:
        self.keys: Keys = keyring
        self.hides = outbound.hides
        self.answer = outbound.answer
        self.is_unready = copies.has_expired
        self.notified = copies.notified
