"""Who asks for a transfer gets it, signed, from a snapshot of the database, or is refused."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from functools import partial

import structlog

from nsd.account.keyring import Keyring
from nsd.errors import PermissionDenied
from nsd.secondary.access import Access
from nsd.secondary.delivery import Delivery, deliver
from nsd.secondary.directory import Directory
from nsd.server.later import TransferRequest
from nsd.settings import TransferRule
from nsd.store.snapshot import Snapshots
from nsd.zone import rrtypes
from nsd.zone.name import WireName, to_text

log = structlog.get_logger()


class Outbound:
    """Answers requests for transfers from snapshots of the database."""

    def __init__(
        self,
        directory: Directory,
        keyring: Keyring,
        snapshots: Snapshots,
        *,
        rules: Sequence[TransferRule],
        at_once: int,
    ) -> None:
        self._directory = directory
        self._keyring = keyring
        self._snapshots = snapshots
        self._rules = rules
        self._room = asyncio.Semaphore(at_once)

    def hides(self, name: WireName) -> bool:
        """Tell whether the name is the apex of a zone that only secondaries see."""
        return name in self._directory.catalogs

    async def answer(self, request: TransferRequest) -> AsyncGenerator[bytes, None]:
        """Give the messages of the response."""
        key_name = None if request.key is None else request.key.name
        access = Access(
            self._directory.secondaries, self._keyring, self._rules, request.client, key_name
        )
        if not access.is_known:
            yield self._refuse(request, "neither this key nor this address may transfer zones")
            return
        async with self._room, self._snapshots.open() as snapshot:
            try:
                delivery = await snapshot.run(partial(deliver, request, access))
            except PermissionDenied as denied:
                yield self._refuse(request, denied.detail)
                return
            octets = 0
            while message := await snapshot.run(lambda _: next(delivery.messages, None)):
                signed = message if request.signer is None else request.signer.sign(message)
                octets += len(signed)
                yield signed
        self._say(request, delivery, octets)

    def _say(self, request: TransferRequest, delivery: Delivery, octets: int) -> None:
        is_look = request.query.qtype == rrtypes.SOA
        log.log(
            logging.DEBUG if is_look else logging.INFO,
            delivery.what,
            zone=to_text(request.apex),
            serial=delivery.serial,
            client=request.client,
            key=_key_text(request),
            octets=octets,
        )

    def _refuse(self, request: TransferRequest, why: str) -> bytes:
        log.warning(
            "refused a transfer",
            why=why,
            zone=to_text(request.apex),
            client=request.client,
            key=_key_text(request),
        )
        return request.refuse(why)


def _key_text(request: TransferRequest) -> str | None:
    return None if request.key is None else to_text(request.key.name)
