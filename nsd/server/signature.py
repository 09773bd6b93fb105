"""The step that checks what a query was signed with (RFC 8945, section 5.2)."""

import structlog

from nsd.errors import Malformed
from nsd.message import signing
from nsd.message.signing import Signer, Unsigned, Wall
from nsd.message.tsig import Keys, Tsig, TsigError
from nsd.rcode import Rcode
from nsd.server.exchange import Exchange
from nsd.zone.answer import Answer
from nsd.zone.name import to_text

log = structlog.get_logger()


def check_signature(
    exchange: Exchange, signature: Tsig, keys: Keys | None, wall: Wall
) -> Answer | None:
    """Note the key of a signed query, and what signs the response; answer it if it fails.

    Raises Malformed.
    """
    known = () if keys is None else keys.find(signature.key_name)
    try:
        key, error = signing.check(exchange.message, signature, known, int(wall()))
    except ValueError as problem:
        raise Malformed(str(problem)) from problem
    if key is None:
        exchange.signer = Unsigned(signature, error)
    else:
        exchange.signer = Signer(key, signature, wall, error)
    if not error:
        exchange.key = key
        return None
    log.warning(
        "refused a signed query",
        why=TsigError(error).name,
        key=to_text(signature.key_name),
        client=exchange.client,
    )
    return Answer(rcode=Rcode.NOTAUTH)
