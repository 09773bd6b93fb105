"""The step that checks what a query was signed with (RFC 8945, section 5.2)."""

import time

import structlog

from nsd.message import tsig
from nsd.message.tsig import Keys, Signer, Tsig, TsigError, Unsigned
from nsd.rcode import Ede, Rcode
from nsd.server.exchange import Exchange
from nsd.zone.answer import Answer
from nsd.zone.name import to_text

log = structlog.get_logger()


def check_signature(exchange: Exchange, signature: Tsig, keys: Keys | None) -> None:
    """Note the key of a signed query, and what signs the response; end the exchange if it fails."""
    known = () if keys is None else keys.find(signature.key_name)
    try:
        key, error = tsig.check(exchange.message, signature, known, int(time.time()))
    except ValueError as problem:
        exchange.refuse(Rcode.FORMERR, Ede.OTHER, str(problem))
        return
    exchange.signer = Unsigned(signature, error) if key is None else Signer(key, signature, error)
    if not error:
        exchange.key = key
        return
    log.warning(
        "refused a signed query",
        why=TsigError(error).name,
        key=to_text(signature.key_name),
        client=exchange.client,
    )
    exchange.answer = Answer(rcode=Rcode.NOTAUTH)
