"""What callers show for themselves, out of the headers of their requests."""

from nsd.errors import AuthenticationFailed, NotAuthenticated


def bearer(authorization: str | None) -> str:
    """Read the token of an Authorization header. Raises NotAuthenticated, AuthenticationFailed."""
    scheme, _, secret = (authorization or "").strip().partition(" ")
    if not scheme:
        raise NotAuthenticated("Authentication credentials were not provided.")
    if scheme.lower() != "bearer":
        raise AuthenticationFailed(
            "Invalid token: send 'Authorization: Bearer vps_…' with a token of your account"
        )
    return secret.strip()
