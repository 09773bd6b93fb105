"""Who gives a command: the user of the operating system."""

import os
import pwd

from nsd.account.principal import Credential, CredentialKind, Principal

DOOR = "nsdctl"


def operator(command: str) -> Principal:
    """Give the person at the command line; `command` is what was called, as `zone import`."""
    return Principal(
        _user_name(), DOOR, credential=Credential(CredentialKind.COMMAND, name=command)
    )


def _user_name() -> str:
    """Name the process's user; a user without a name, as in a container, by its number."""
    number = os.getuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)
