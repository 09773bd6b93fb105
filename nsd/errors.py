"""The tree of errors.

Each error knows the code and the HTTP status that every door shows for it; the doors differ only
in the shape they give it.

    NsdError
    ├── SettingsError            a setting is wrong; the process does not start
    ├── ListenError              an address cannot be listened on
    ├── StoreError               the data folder or the database cannot be used
    ├── Invalid                  what was asked for is not allowed; names the field at fault
    │   ├── MasterFileInvalid    a master file has errors, each with file and line
    │   └── LimitReached         the plan of the account allows no more
    ├── Unparsable               a body that is not what its content type says
    ├── NotAuthenticated         no token
    ├── AuthenticationFailed     a token that is unknown, expired, revoked or from elsewhere
    ├── PermissionDenied         a token without the permission that the call needs
    ├── NotFound
    ├── ReadOnly                 a zone that is a copy of another server's
    ├── TooLarge
    └── Unavailable              true for a while: try again
"""

from collections.abc import Sequence
from dataclasses import dataclass


class NsdError(Exception):
    """What every error of ours has: a text for people, a code for programs, an HTTP status."""

    code = "error"
    status = 500

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


class Unparsable(NsdError):
    """A body that is not what its content type says it is."""

    code = "parse_error"
    status = 400


class NotAuthenticated(NsdError):
    """The call carries no token."""

    code = "not_authenticated"
    status = 401


class AuthenticationFailed(NsdError):
    """The call's token is unknown, expired, revoked, or used from a network it is not for."""

    code = "authentication_failed"
    status = 401


class PermissionDenied(NsdError):
    """The call's token lacks the permission that the call needs."""

    code = "permission_denied"
    status = 403


class NotFound(NsdError):
    """There is no such thing, or it belongs to another account."""

    code = "not_found"
    status = 404

    def __init__(self, detail: str = "Not found.") -> None:
        super().__init__(detail)


class ReadOnly(NsdError):
    """A zone that is fetched from another server and can only be changed there."""

    code = "read_only_zone"
    status = 409


class TooLarge(NsdError):
    """A body larger than its limit."""

    code = "payload_too_large"
    status = 413


class Unavailable(NsdError):
    """Something needed is not to be had at the moment."""

    code = "unavailable"
    status = 503
