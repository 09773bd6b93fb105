"""Keys in memory: by name and by id, with the secrets that hold at the moment."""

from pathlib import Path

from nsd.account.keyring import Keyring
from nsd.message.tsig import Key
from nsd.store.database import Database
from nsd.store.secret import SecretBox
from nsd.store.tsig_keys import TsigKeys
from nsd.zone.name import from_text
from tests.unit.account.conftest import Clock

NAME = from_text("backup.")
OLD, KEEP = b"o" * 32, 60


async def rotated(database: Database, clock: Clock, tmp_path: Path) -> Keyring:
    """Give a keyring with one key, whose former secret holds for a minute."""
    keys = TsigKeys(SecretBox(tmp_path))
    await database.write(
        lambda connection: keys.add(connection, NAME, "hmac-sha256", secret=OLD, now=1)
    )
    keyring = Keyring(database, keys, clock)
    until = int(clock()) + KEEP
    await database.write(lambda connection: keys.rotate(connection, NAME, keep_until=until))
    await keyring.load()
    return keyring


async def test_a_former_secret_holds_beside_the_new_one_until_its_time(
    database: Database, clock: Clock, tmp_path: Path
) -> None:
    keyring = await rotated(database, clock, tmp_path)
    clock.now += KEEP - 1
    new, former = keyring.find(NAME)
    assert former == Key(NAME, "hmac-sha256", OLD)
    assert keyring.by_id(1) == (new, former)
    clock.now += 1
    assert keyring.find(NAME) == keyring.by_id(1) == (new,)


async def test_a_key_that_is_not_there_has_no_name_and_no_secrets(
    database: Database, clock: Clock, tmp_path: Path
) -> None:
    keyring = await rotated(database, clock, tmp_path)
    assert keyring.find(from_text("other.")) == keyring.by_id(2) == keyring.by_id(None) == ()
    assert [keyring.name_of(key_id) for key_id in (1, 2, None)] == [NAME, None, None]
