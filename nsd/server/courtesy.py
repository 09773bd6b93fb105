"""How much of the event loop queries leave to requests."""

from typing import Final

SHORT_TURNS: Final = 1000  # that follow a request: half a second under a load that fills the core


class Courtesy:
    """How many turns are to be short yet, for the sake of requests that share the event loop."""

    __slots__ = ("short_turns",)

    def __init__(self) -> None:
        self.short_turns = 0

    def request(self) -> None:
        """Note a request: turns are short for it, and for those that may follow."""
        self.short_turns = SHORT_TURNS

    def turn(self, most: int, short: int) -> int:
        """Begin a turn; give how much it may hold."""
        if self.short_turns:
            self.short_turns -= 1
            return short
        return most
