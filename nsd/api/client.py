"""Where a request comes from."""

from ipaddress import IPv4Network, IPv6Network, ip_address

from aiohttp import web

Network = IPv4Network | IPv6Network

TRUSTED_PROXIES: web.AppKey[tuple[Network, ...]] = web.AppKey("trusted_proxies")


def client_address(request: web.Request) -> str:
    """Give the address of the client, as the trusted proxies in between tell it."""
    trusted = request.config_dict[TRUSTED_PROXIES]
    address = request.remote or ""
    if not trusted:
        return address
    for forwarded in reversed(request.headers.get("X-Forwarded-For", "").split(",")):
        if not _is_trusted(address, trusted) or not forwarded.strip():
            break
        address = forwarded.strip()
    return address


def _is_trusted(address: str, trusted: tuple[Network, ...]) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in trusted)
