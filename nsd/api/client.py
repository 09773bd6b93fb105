"""Where a request comes from."""

from ipaddress import IPv4Network, IPv6Network, ip_address

from aiohttp import web

Network = IPv4Network | IPv6Network

TRUSTED_PROXIES: web.AppKey[tuple[Network, ...]] = web.AppKey("trusted_proxies")


def client_address(request: web.Request) -> str:
    """Give the address of the client, as the trusted proxies in between tell it.

    Where a proxy tells nonsense, it is the proxy's own.
    """
    trusted = request.config_dict[TRUSTED_PROXIES]
    address = request.remote or ""
    if not trusted:
        return address
    # Some proxies add a line of their own below the caller's.
    told = ",".join(request.headers.getall("X-Forwarded-For", ()))
    for forwarded in reversed(told.split(",")):
        if not _is_address(forwarded.strip()) or not _is_trusted(address, trusted):
            break
        address = forwarded.strip()
    return address


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_trusted(address: str, trusted: tuple[Network, ...]) -> bool:
    return _is_address(address) and any(ip_address(address) in network for network in trusted)
