"""Which processor core runs the server under test and which one runs the load.

The server has the first core this process may use, the load (and the bench itself) the last.
"""

import os

_ALLOWED = sorted(os.sched_getaffinity(0))
SERVER = _ALLOWED[0]
LOAD = _ALLOWED[-1]
SHARED = SERVER == LOAD


def take_load_core() -> None:
    """Keep this process, and so every load it starts, away from the server's core."""
    os.sched_setaffinity(0, {LOAD})


def pinned(command: list[str], core: int) -> list[str]:
    return ["taskset", "-c", str(core), *command]
