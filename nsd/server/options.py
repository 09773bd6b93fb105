"""The EDNS options of a query and of its response."""

from typing import Final

from nsd.errors import BadCookie, Malformed
from nsd.message import edns
from nsd.server.client import packed
from nsd.server.cookie import Cookies
from nsd.server.exchange import Exchange
from nsd.zone.answer import Answer

KEEPALIVE_UNITS: Final = 10  # a second (RFC 7828, section 3.1)


class Options:
    """Reads the options of queries and writes the OPT records of responses.

    payload_size: what our OPT records announce.
    identity: what NSID tells; empty tells nothing.
    cookies: makes and checks server cookies; None ignores cookies.
    idle_seconds: what keepalive announces.
    """

    def __init__(
        self, payload_size: int, identity: str, cookies: Cookies | None, idle_seconds: float
    ) -> None:
        self._payload_size = payload_size
        self._identity = identity.encode()
        self._cookies = cookies
        self._keepalive = min(int(idle_seconds * KEEPALIVE_UNITS), 0xFFFF).to_bytes(2, "big")

    def read(self, exchange: Exchange) -> Answer | None:
        """Take up what the options ask; answer where one asks for all there is.

        Raises BadCookie, Malformed.
        """
        asked = exchange.query.edns
        if asked is None or not asked.options:
            return None
        if self._identity and asked.option(edns.NSID) is not None:  # RFC 5001, section 2.1
            exchange.options.append((edns.NSID, self._identity))
        if exchange.transport.is_stream and asked.option(edns.KEEPALIVE) is not None:
            exchange.options.append((edns.KEEPALIVE, self._keepalive))  # RFC 7828, section 3.3.2
        cookie = asked.option(edns.COOKIE)
        if cookie is None or self._cookies is None:
            return None
        return _check_cookie(self._cookies, cookie, exchange)

    def write(self, exchange: Exchange, rcode: int, room: int) -> bytes:
        """Write the OPT record; where there is no room for all options, with the cookie alone."""
        asked = exchange.query.edns
        if asked is None:
            return b""
        options = exchange.options
        opt = edns.write(self._payload_size, rcode, dnssec_ok=asked.dnssec_ok, options=options)
        if len(opt) <= room:
            return opt
        options = [option for option in options if option[0] == edns.COOKIE]
        return edns.write(self._payload_size, rcode, dnssec_ok=asked.dnssec_ok, options=options)


def _check_cookie(cookies: Cookies, cookie: bytes, exchange: Exchange) -> Answer | None:
    """Give a server cookie, or refuse (RFC 7873, section 5.2)."""
    try:
        answered, good = cookies.check(cookie, packed(exchange.client))
    except ValueError as error:
        raise Malformed(str(error)) from error
    exchange.options.append((edns.COOKIE, answered))
    if cookies.required and not good and not exchange.transport.is_stream:
        raise BadCookie("ask again with this cookie")
    # RFC 7873, section 5.4: a query may ask for a cookie and nothing else.
    return None if exchange.query.question else Answer()
