"""Who did something, as it is kept beside what was done."""

from typing import Final, NamedTuple

COLUMNS: Final = "actor, credential, door, address"


class Byline(NamedTuple):
    """Who acted, by which credential, through which door, from which address; all of it text.

    `actor` is a person's name, empty for the server itself; what does not apply is empty too.
    """

    actor: str
    credential: str
    door: str
    address: str
