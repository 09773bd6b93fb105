"""Whoever acts: a person by some credential, or the server itself."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from nsd.account.permission import EVERYTHING, holds
from nsd.errors import PermissionDenied
from nsd.store.byline import Byline
from nsd.store.users import User


class CredentialKind(StrEnum):
    """By what a person can act."""

    TOKEN = "token"  # noqa: S105
    SESSION = "session"
    COMMAND = "command"


@dataclass(frozen=True, slots=True)
class Credential:
    """What a person acts by: its kind, and what tells it from others of the kind; no secret."""

    kind: CredentialKind
    name: str = ""
    id: int | None = None

    def __str__(self) -> str:
        number = "" if self.id is None else str(self.id)
        return " ".join(filter(None, (self.kind, number, self.name)))


@dataclass(frozen=True, slots=True)
class Principal:
    """Who acts, for which account, by what, with which permissions, through which door, from where.

    `name` is the person's, empty for the server itself. Without a user no account bounds it: it is
    the server, or an operator who gives a command.
    """

    name: str
    door: str
    user: User | None = None
    credential: Credential | None = None
    permissions: tuple[str, ...] = (EVERYTHING,)
    address: str = ""

    @classmethod
    def server(cls, door: str) -> Self:
        """Give the server itself; the door says which part of it acts."""
        return cls("", door)

    @property
    def account(self) -> User:
        """The account that it acts for. Raises PermissionDenied where there is none."""
        if self.user is None:
            raise PermissionDenied("this can only be done for an account")
        return self.user

    @property
    def is_admin(self) -> bool:
        """Whether it may do what administrators may."""
        return self.user is None or self.user.is_admin

    @property
    def byline(self) -> Byline:
        """What of it is kept beside what it does."""
        credential = "" if self.credential is None else str(self.credential)
        return Byline(self.name, credential, self.door, self.address)

    def require(self, permission: str | None, *, admin: bool = False) -> None:
        """Raise PermissionDenied where it lacks the permission, or is no administrator."""
        if permission is not None and not holds(self.permissions, permission):
            raise PermissionDenied(f"this token lacks the permission {permission}")
        if admin and not self.is_admin:
            raise PermissionDenied("only an administrator may do this")
