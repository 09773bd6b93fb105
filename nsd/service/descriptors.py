"""How many files the process may have open, and how many the settings may need at once."""

import contextlib
import math
import resource
from typing import Final

from nsd.errors import SettingsError
from nsd.settings import Settings

OF_A_TRANSFER: Final = 4  # the database, its log, its index, and a connection that is fetched over
SPARE: Final = 128  # for sockets that listen, the store, look-ups, and files that are written


def make_room(settings: Settings) -> None:
    """Let the process open as many files as the system allows it; SettingsError if too few."""
    room, needed = _raised(), _needed(settings)
    if room < needed:
        dns, http, transfer = settings.dns, settings.http, settings.transfer
        raise SettingsError(
            f"this process may have {room} files open, but needs {needed} with dns.tcp_connections"
            f" = {dns.tcp_connections}, http.connections = {http.connections} and transfer.at_once"
            f" = {transfer.at_once}: lower these, or raise its limit (ulimit -n, LimitNOFILE=)"
        )


def _needed(settings: Settings) -> int:
    connections = settings.dns.tcp_connections + settings.http.connections
    return connections + OF_A_TRANSFER * settings.transfer.at_once + SPARE


def _raised() -> float:
    """Raise the soft limit to the hard one; give what it is then."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError):  # a system that promises more than it has
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return math.inf if soft == resource.RLIM_INFINITY else soft
