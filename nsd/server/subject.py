"""What a response is about: by that, the responses to one network are counted and limited.

A subject is octets. A name that exists is its own subject, in lower case, whatever type was asked
for. All that a zone lacks is one subject, names under a wildcard included, since anyone can think
of any number of them; so is all that is below one cut, and all that is refused or an error.
"""

from enum import IntEnum
from typing import Final

from nsd.errors import Malformed
from nsd.message import edns
from nsd.message.header import read_header
from nsd.rcode import Rcode
from nsd.server.cookie import Cookies
from nsd.server.query import Query, read_query
from nsd.zone.lookup import lookup
from nsd.zone.name import lower
from nsd.zone.rrset import CLASS_IN
from nsd.zone.table import ZoneTable


class SubjectKind(IntEnum):
    """The kinds of subjects, by the octet that marks them; names have none, they begin below."""

    ANSWERS = 0
    ERRORS = 0xFD
    REFERRALS = 0xFE
    MISSING = 0xFF


_KINDS: Final = {kind.value: kind for kind in SubjectKind}
MISSING: Final = SubjectKind.MISSING.to_bytes(1, "big")
REFERRALS: Final = SubjectKind.REFERRALS.to_bytes(1, "big")
ERRORS: Final = SubjectKind.ERRORS.to_bytes(1, "big")


def kind_of(subject: bytes) -> SubjectKind:
    """Tell the kind of a subject."""
    return _KINDS.get(subject[0], SubjectKind.ANSWERS)


class Subjects:
    """Finds what responses are about that were not made by the shortcut."""

    def __init__(self, table: ZoneTable, cookies: Cookies | None) -> None:
        self._table = table
        self._cookies = cookies

    def of(self, message: bytes, response: bytes, client: bytes) -> bytes | None:
        """Give the subject of the response to a message; None where the client's address is proven.

        `client` is its address, 4 or 16 octets.
        """
        header = read_header(message)
        try:
            query = read_query(header, message)
        except Malformed:
            return ERRORS
        rcode = read_header(response).rcode
        if self._is_proven(query, rcode, client):
            return None
        has_asked = not header.opcode and query.qclass == CLASS_IN and _is_version_0(query)
        is_answer = rcode in (Rcode.NOERROR, Rcode.NXDOMAIN)
        return self._asked(query) if has_asked and is_answer else ERRORS

    def _is_proven(self, query: Query, rcode: int, client: bytes) -> bool:
        """Tell whether a good cookie came, or a good signature: what has another is an error."""
        if query.tsig is not None:
            return rcode in (Rcode.NOERROR, Rcode.NXDOMAIN, Rcode.REFUSED)
        cookie = None if query.edns is None else query.edns.option(edns.COOKIE)
        if cookie is None or self._cookies is None:
            return False
        try:
            return self._cookies.check(cookie, client)[1]
        except ValueError:
            return False

    def _asked(self, query: Query) -> bytes:
        steps = lookup(self._table, query.qname, query.qtype, whole_any=False).steps
        if not steps:
            return ERRORS
        step = steps[0]
        if step.cut is not None:
            return REFERRALS + step.cut
        name = lower(query.qname)
        return name if name in step.zone.nodes else MISSING + step.zone.apex


def _is_version_0(query: Query) -> bool:
    return query.edns is None or query.edns.version == 0
