"""What the doors need to show and set of secondaries: the board, the directory, how to reload."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from nsd.secondary.board import Board
from nsd.secondary.directory import Directory


@dataclass(frozen=True, slots=True)
class Replication:
    """Handles on one running server; `reload` takes in what has been changed in the store."""

    board: Board
    directory: Directory
    reload: Callable[[], Awaitable[None]]
    handover_seconds: int
