"""Every setting of the process, in one frozen model, and how it is found.

An option beats the environment, the environment beats the file, the file beats the default.
`docs/settings.md` lists all keys; a test holds it against the model.
"""

from nsd.settings.model import (
    Alias,
    Bind,
    DeclaredSecondary,
    Dns,
    Dozens,
    Http,
    Log,
    Plan,
    Settings,
    Transfer,
    ZoneDefaults,
)
from nsd.settings.source import environment_for_others, load
from nsd.settings.value import Endpoint, TransferRule

__all__ = [
    "Alias",
    "Bind",
    "DeclaredSecondary",
    "Dns",
    "Dozens",
    "Endpoint",
    "Http",
    "Log",
    "Plan",
    "Settings",
    "Transfer",
    "TransferRule",
    "ZoneDefaults",
    "environment_for_others",
    "load",
]
