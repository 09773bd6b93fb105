"""Permissions: their names."""

import pytest

from nsd.account.permission import read_permissions
from nsd.errors import Invalid


def test_each_permission_is_read_once_in_the_order_given() -> None:
    given = ["dns:update", "dns:list", "dns:update"]
    assert read_permissions(given) == ("dns:update", "dns:list")


@pytest.mark.parametrize("text", ["", "dns:all", "DNS:LIST", "list"])
def test_a_permission_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="there is no permission"):
        read_permissions(["dns:list", text])
