"""The permissions that a credential can hold."""

from collections.abc import Collection, Iterable
from typing import Final

from nsd.errors import Invalid

EVERYTHING: Final = "dns:*"
PERMISSIONS: Final = ("dns:list", "dns:create", "dns:update", "dns:delete", EVERYTHING)


def holds(held: Collection[str], permission: str) -> bool:
    """Tell whether a permission is among those held, by itself or through `dns:*`."""
    return permission in held or EVERYTHING in held


def read_permissions(given: Iterable[str]) -> tuple[str, ...]:
    """Read names of permissions, each once. Raises Invalid."""
    for permission in given:
        if permission not in PERMISSIONS:
            raise Invalid(
                f"there is no permission '{permission}': choose of {', '.join(PERMISSIONS)}"
            )
    return tuple(dict.fromkeys(given))
