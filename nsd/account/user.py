"""Accounts: how they are named, added and changed."""

import re
from dataclasses import asdict
from typing import Final

from nsd.account.act import Act, Thing, Verb
from nsd.account.plan import Plans, check_known
from nsd.errors import AuthenticationFailed, Invalid, NotFound
from nsd.store import users, zones
from nsd.store.users import User
from nsd.zone import mailbox

NO_ADDRESS: Final = "@localhost"  # ends the address of an account that was added without one
_FIELDS: Final = ("email", "plan", "is_admin")

_is_name = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}").fullmatch


def add(act: Act, plans: Plans, name: str, *, email: str | None, plan: str, is_admin: bool) -> User:
    """Add an account. Raises Invalid for a name, an address or a plan that cannot be."""
    if not _is_name(name):
        raise Invalid(
            f"'{name}' is no name for an account: use up to 64 letters, digits and . _ @ + -",
            field="name",
        )
    check_known(plans, plan)
    address = name + NO_ADDRESS if email is None else _checked(email)
    user = users.add(act.connection, name, email=address, plan=plan, is_admin=is_admin, now=act.now)
    act.note(Verb.ADD, Thing("user", name), _fields(user))
    return user


def change(
    act: Act,
    plans: Plans,
    name: str,
    *,
    email: str | None = None,
    plan: str | None = None,
    is_admin: bool | None = None,
) -> User:
    """Change what is given of an account. Raises NotFound, Invalid."""
    if plan is not None:
        check_known(plans, plan)
    if email is not None:
        _checked(email)
    before = users.by_name(act.connection, name)
    after = users.change(act.connection, name, email=email, plan=plan, is_admin=is_admin)
    act.note_change(Thing("user", name), _fields(before), _fields(after))
    return after


def suspend(act: Act, name: str) -> User:
    """Let an account's credentials be refused from now on. Raises NotFound, Invalid."""
    user = another(act, name)
    if not user.is_suspended:
        users.suspend(act.connection, user.id, act.now)
        act.note(Verb.SUSPEND, Thing("user", name), {})
    return user


def resume(act: Act, name: str) -> User:
    """Let an account's credentials hold again. Raises NotFound, Invalid."""
    user = another(act, name)
    if user.is_suspended:
        users.suspend(act.connection, user.id, None)
        act.note(Verb.RESUME, Thing("user", name), {})
    return user


def remove(act: Act, name: str) -> User:
    """Remove an account with its credentials. Raises NotFound; Invalid where it has zones."""
    user = another(act, name)
    if zones.count_of_user(act.connection, user.id):
        raise Invalid(f"'{name}' has zones")
    users.remove(act.connection, user.id)
    act.note(Verb.REMOVE, Thing("user", name), _fields(user))
    return user


def named(act: Act, name: str) -> User:
    """Find an account by its name; the server's own is none. Raises NotFound."""
    if not name:
        raise NotFound
    return users.by_name(act.connection, name)


def another(act: Act, name: str) -> User:
    """Find an account that somebody is about to close or open.

    Raises NotFound; Invalid where it is the principal's own.
    """
    user = named(act, name)
    if act.principal.user is not None and act.principal.user.id == user.id:
        raise Invalid("this is your own account")
    return user


def check_active(user: User) -> None:
    """Refuse whoever calls for an account that is suspended. Raises AuthenticationFailed."""
    if user.is_suspended:
        raise AuthenticationFailed("This account is suspended.")


def _checked(email: str) -> str:
    """Refuse what could not stand in an SOA."""
    try:
        mailbox.to_name(email)
    except Invalid as error:
        raise Invalid(error.detail, field="email") from error
    return email


def _fields(user: User) -> dict[str, object]:
    shown = asdict(user)
    return {field: shown[field] for field in _FIELDS}
