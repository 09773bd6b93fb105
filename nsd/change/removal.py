"""Accounts that are removed with all that they have.

A zone at a time, so that a large account keeps nobody else waiting. The account is suspended
first: nothing comes to it meanwhile, and where the removal is cut short it can be begun again.
"""

import contextlib
from collections.abc import Sequence
from functools import partial

from nsd.account import user as accounts
from nsd.account.act import Act
from nsd.account.principal import Principal
from nsd.change.changes import Changes
from nsd.change.effect import Committed, Effect
from nsd.change.suspension import Holding, suspend_account
from nsd.errors import NotFound
from nsd.store import zones
from nsd.store.defaults import Defaults
from nsd.store.users import User


async def remove_account(changes: Changes, principal: Principal, name: str) -> Committed[Holding]:
    """Remove an account with its zones and credentials; give what it had.

    Raises NotFound; Invalid where it is the principal's own, or was given a zone meanwhile.
    """
    had = (await changes.perform(principal, partial(suspend_account, name))).result
    effects: list[Effect] = []
    for zone in had.zones:
        with contextlib.suppress(NotFound):  # somebody else has deleted it
            effects += await _delete(changes, principal, zone.id)
    await changes.perform(principal, partial(_remove, name))
    return Committed(had, effects)


async def _delete(changes: Changes, principal: Principal, zone_id: int) -> Sequence[Effect]:
    deleted: Committed[None] = await changes.delete_zone(
        principal, lambda connection: zones.by_id(connection, zone_id)
    )
    return deleted.effects


def _remove(name: str, act: Act, _defaults: Defaults) -> Committed[User]:
    return Committed(accounts.remove(act, name), [])
