"""The tree of errors: every error that crosses the border of a room stands in it.

Each error knows what every protocol shows for it: the code and the HTTP status of the APIs, the
rcode and the Extended DNS Error (RFC 8914) of DNS. The doors differ only in the shape they give it.

    NsdError
    ├── SettingsError            a setting is wrong; the process does not start
    ├── ListenError              an address cannot be listened on
    ├── StoreError               the data folder or the database cannot be used
    ├── CommandFailed            the operator's command after an export did not do its work
    ├── InternalError            a defect of this program
    ├── Unavailable              true for a while: try again
    ├── Throttled                who asks has asked too much: wait, then try again
    ├── Invalid                  what was asked for is not allowed; names the field at fault
    │   ├── MasterFileInvalid    a master file has errors, each with file and line
    │   └── LimitReached         the plan of the account allows no more
    ├── NothingChanges           a change that would leave everything as it is
    ├── NotBrief                 work that is too long for where it was begun: it begins elsewhere
    ├── ReadOnly                 a zone that is a copy of another server's
    ├── NotFound
    ├── NotAuthenticated         no token
    ├── AuthenticationFailed     a token that is unknown, expired, revoked or from elsewhere
    ├── PermissionDenied         who asks may not have what was asked for
    ├── Unparsable               a body that is not what its content type says
    ├── UnsupportedMediaType     a body of a type that is not read here
    ├── TooLarge                 a body above its limit
    ├── TooSlow                  a body that does not come in time
    ├── MethodNotAllowed         a path that knows other methods only
    ├── Malformed                a DNS query that cannot be read
    ├── NotSupported             a DNS query of a kind that nobody answers here
    │   └── BadVersion           an EDNS version that is not spoken here
    ├── BadCookie                a DNS query without the server cookie that it needs
    ├── NotAuthoritative         a DNS query for what no zone here holds
    ├── NoAnswer                 another server does not answer
    │   └── BadAnswer            it does, but not so that the answer can be trusted
    ├── BadSignature             a DNS message that is not signed as it has to be
    │   └── NotSigned            it is not signed at all
    └── BadTransfer              a transfer that breaks the rules
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from nsd.rcode import Ede, Rcode


class NsdError(Exception):
    """What every error of ours has: a text for people, a code for programs, and its statuses."""

    code = "error"
    status = 500
    rcode = Rcode.SERVFAIL
    ede = Ede.OTHER

    def __init__(self, detail: str, *, field: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field


class SettingsError(NsdError):
    """A setting is missing, malformed or contradicts another."""

    code = "settings_error"


class ListenError(NsdError):
    """An address cannot be listened on."""

    code = "listen_error"


class StoreError(NsdError):
    """The data folder or the database cannot be used."""

    code = "store_error"


class CommandFailed(NsdError):
    """The operator's command after an export did not do its work."""

    code = "command_failed"

    def __init__(self, how: str) -> None:
        super().__init__(f"bind.after_export {how}")


class InternalError(NsdError):
    """A defect of this program; the log has the details."""

    code = "internal_error"

    def __init__(self) -> None:
        super().__init__("An internal error occurred; the server's log says more.")


class Unavailable(NsdError):
    """Something needed is not to be had at the moment."""

    code = "unavailable"
    status = 503
    ede = Ede.NOT_READY


class Throttled(NsdError):
    """Who asks has asked too much; after `seconds` there is room again."""

    code = "throttled"
    status = 429

    def __init__(self, seconds: float) -> None:
        self.seconds = max(1, math.ceil(seconds))
        super().__init__(f"Request was throttled. Expected available in {self.seconds} seconds.")


class Invalid(NsdError):
    """What was asked for is not allowed; `field` names the member at fault."""

    code = "validation_error"
    status = 400


@dataclass(frozen=True, slots=True)
class Fault:
    """One error in a master file: where, and what."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


class MasterFileInvalid(Invalid):
    """A master file has errors; `faults` holds all of them in the order of their lines."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(map(str, faults)), field="zonefile")
        self.faults = tuple(faults)


class LimitReached(Invalid):
    """The account's plan allows no more of what was asked for."""


class NothingChanges(NsdError):
    """A change that would leave everything as it is; it is undone, with its serial."""

    code = "nothing_changes"

    def __init__(self, detail: str = "This changes nothing.") -> None:
        super().__init__(detail)


class NotBrief(NsdError):
    """Work that takes longer than it may where it was begun; it is undone, and begun elsewhere."""

    def __init__(self, detail: str = "This takes too long here.") -> None:
        super().__init__(detail)


class ReadOnly(NsdError):
    """A zone that is fetched from another server and can only be changed there."""

    code = "read_only_zone"
    status = 409


class NotFound(NsdError):
    """There is no such thing, or it belongs to another account."""

    code = "not_found"
    status = 404

    def __init__(self, detail: str = "Not found.") -> None:
        super().__init__(detail)


class NotAuthenticated(NsdError):
    """The call carries no token."""

    code = "not_authenticated"
    status = 401


class AuthenticationFailed(NsdError):
    """The call's token is unknown, expired, revoked, or used from a network it is not for."""

    code = "authentication_failed"
    status = 401


class PermissionDenied(NsdError):
    """Who asks may not have what was asked for: a token lacks a permission, a key or an address."""

    code = "permission_denied"
    status = 403
    rcode = Rcode.REFUSED
    ede = Ede.PROHIBITED


class Unparsable(NsdError):
    """A body that is not what its content type says it is."""

    code = "parse_error"
    status = 400


class UnsupportedMediaType(NsdError):
    """A body of a content type that the path does not read."""

    code = "unsupported_media_type"
    status = 415


class TooLarge(NsdError):
    """A body larger than its limit."""

    code = "payload_too_large"
    status = 413


class TooSlow(NsdError):
    """A body that comes more slowly than anybody's does."""

    code = "request_timeout"
    status = 408


class MethodNotAllowed(NsdError):
    """The path exists, but not for this method."""

    code = "method_not_allowed"
    status = 405


class Malformed(NsdError):
    """A DNS message that cannot be read as the query that it should be."""

    code = "malformed_query"
    rcode = Rcode.FORMERR


class NotSupported(NsdError):
    """A DNS query with an opcode or for a type that nobody answers here."""

    code = "not_supported"
    rcode = Rcode.NOTIMP
    ede = Ede.NOT_SUPPORTED


class BadVersion(NotSupported):
    """A DNS query with an EDNS version that is not spoken here (RFC 6891, section 6.1.3)."""

    rcode = Rcode.BADVERS


class BadCookie(NsdError):
    """A DNS query without the server cookie that it needs (RFC 7873, section 5.2.3)."""

    code = "bad_cookie"
    rcode = Rcode.BADCOOKIE


class NotAuthoritative(NsdError):
    """A DNS query for a name or a class that no zone here holds."""

    code = "not_authoritative"
    rcode = Rcode.REFUSED
    ede = Ede.NOT_AUTHORITATIVE


class NoAnswer(NsdError):
    """Another server does not answer."""

    code = "no_answer"


class BadAnswer(NoAnswer):
    """Another server answers, but not so that the answer can be trusted."""


class BadSignature(NsdError):
    """A DNS message is not signed as it has to be."""

    code = "bad_signature"


class NotSigned(BadSignature):
    """A DNS message without a signature."""


class BadTransfer(NsdError):
    """A transfer that breaks the rules; the zone stays what it was."""

    code = "bad_transfer"
