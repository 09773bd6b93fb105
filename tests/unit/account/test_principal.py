"""Principals: what of them is kept, and what they may do."""

import pytest

from nsd.account.principal import Credential, CredentialKind, Principal
from nsd.errors import PermissionDenied
from nsd.store.byline import Byline
from nsd.store.users import User

TOKEN = Credential(CredentialKind.TOKEN, "deploy", 17)


def principal(*permissions: str, is_admin: bool = False) -> Principal:
    user = User(1, "alice", "", "free", is_admin, 0)
    return Principal("alice", "vps", user, TOKEN, permissions, "192.0.2.1")


@pytest.mark.parametrize(
    ("credential", "text"),
    [
        (TOKEN, "token 17 deploy"),
        (Credential(CredentialKind.TOKEN, "", 17), "token 17"),
        (Credential(CredentialKind.COMMAND, "zone import"), "command zone import"),
    ],
)
def test_a_credential_is_told_by_its_kind_its_number_and_its_name(
    credential: Credential, text: str
) -> None:
    assert str(credential) == text


def test_a_byline_says_who_by_what_through_which_door_and_from_where() -> None:
    assert principal().byline == Byline("alice", "token 17 deploy", "vps", "192.0.2.1")


def test_the_server_itself_has_no_name_and_no_credential_but_a_door() -> None:
    assert Principal.server("alias").byline == Byline("", "", "alias", "")


def test_a_permission_is_held_by_itself_or_through_all() -> None:
    principal("dns:list").require("dns:list")
    principal("dns:*").require("dns:list")
    principal().require(None)
    with pytest.raises(PermissionDenied, match="dns:list"):
        principal("dns:create", "dns:update").require("dns:list")


def test_what_is_for_administrators_needs_one_and_the_permission_too() -> None:
    principal("dns:list", is_admin=True).require("dns:list", admin=True)
    with pytest.raises(PermissionDenied, match="administrator"):
        principal("dns:list").require("dns:list", admin=True)
    with pytest.raises(PermissionDenied, match="dns:list"):
        principal(is_admin=True).require("dns:list", admin=True)


def test_whoever_acts_for_no_account_is_bounded_by_none_and_has_none() -> None:
    operator = Principal("root", "nsdctl")
    operator.require("dns:delete", admin=True)
    with pytest.raises(PermissionDenied):
        _ = operator.account
