"""Accounts that speak to both APIs."""

from dataclasses import dataclass

import pytest

from tests.dozens.caller import Dozens, authorized
from tests.live.http import Caller
from tests.live.server import Server


@dataclass(frozen=True, slots=True)
class Both:
    """One account, and its callers of the Dozens API and of the VPS.org API."""

    name: str
    dozens: Dozens
    vps: Caller


@pytest.fixture
def both(server: Server) -> Both:
    """An account of the test's own with a plan without limits."""
    return make_both(server)


@pytest.fixture
def api(both: Both) -> Dozens:
    """The Dozens API for an account of the test's own."""
    return both.dozens


def make_both(server: Server, plan: str = "unlimited") -> Both:
    account = server.account(plan=plan)
    return Both(account.name, authorized(server, account.name), account.api)
