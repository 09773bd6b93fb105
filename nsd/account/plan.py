"""What the plan of an account allows: TTLs, and how many zones and records.

The rules are asked inside the writer's transaction, so they hold for whatever comes in by any
door. They look only at what is new: an account above its limits, or with TTLs that its plan no
longer allows, keeps what it has and may always remove some of it.
"""

import sqlite3
from collections.abc import Mapping
from typing import Final

from nsd.errors import Invalid, LimitReached
from nsd.settings import Plan
from nsd.store import users, zones

TOO_MANY_RECORDS: Final = "Number of records exceeds the limit."  # the Dozens document's own words
TOO_MANY_ZONES: Final = "Number of zones exceeds the limit."

Plans = Mapping[str, Plan]


def plan_of(connection: sqlite3.Connection, plans: Plans, user_id: int) -> Plan:
    """Find the plan of an account; raises Invalid where the settings have it no longer."""
    name = users.plan_of(connection, user_id)
    try:
        return plans[name]
    except KeyError:
        raise Invalid(
            f"the plan '{name}' of this account is not in the settings any more:"
            " the operator must give the account another one"
        ) from None


def check_known(plans: Plans, name: str) -> None:
    """Raise Invalid for a plan that the settings do not have."""
    if name not in plans:
        raise Invalid(f"there is no plan '{name}': choose one of {', '.join(plans)}", field="plan")


def ttl_fault(plan: Plan, ttl: int) -> str | None:
    """Say why a plan forbids a TTL; None where it does not."""
    if not plan.ttls or ttl in plan.ttls:
        return None
    allowed = " or ".join(map(str, plan.ttls))
    return f"the plan of this account allows no TTL of {ttl}, only {allowed}"


def check_ttl(plan: Plan, ttl: int) -> None:
    """Raise Invalid for a TTL that the plan forbids."""
    fault = ttl_fault(plan, ttl)
    if fault is not None:
        raise Invalid(fault, field="ttl")


def check_records(connection: sqlite3.Connection, plan: Plan, user_id: int, growth: int) -> None:
    """Raise LimitReached where `growth` more records are more than the plan allows."""
    if growth <= 0 or plan.records is None:
        return
    if zones.records_of_user(connection, user_id) + growth > plan.records:
        raise LimitReached(TOO_MANY_RECORDS)


def check_zones(connection: sqlite3.Connection, plan: Plan, user_id: int) -> None:
    """Raise LimitReached where one more zone is more than the plan allows."""
    if plan.zones is not None and zones.count_of_user(connection, user_id) >= plan.zones:
        raise LimitReached(TOO_MANY_ZONES)
