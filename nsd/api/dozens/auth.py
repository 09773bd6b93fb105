"""What callers of the Dozens API show for themselves, out of the headers of their requests."""

from collections.abc import Mapping

from nsd.errors import NotAuthenticated


def key_of(headers: Mapping[str, str]) -> tuple[str, str]:
    """Read an account's name and its Dozens key. Raises NotAuthenticated."""
    name, key = headers.get("X-Auth-User", "").strip(), headers.get("X-Auth-Key", "").strip()
    if not name or not key:
        raise NotAuthenticated("X-Auth-User and X-Auth-Key are required.")
    return name, key


def session_of(headers: Mapping[str, str]) -> str:
    """Read the token of a session. Raises NotAuthenticated."""
    secret = headers.get("X-Auth-Token", "").strip()
    if not secret:
        raise NotAuthenticated("X-Auth-Token is required: authorize first.")
    return secret
