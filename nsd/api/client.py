"""Where a request comes from, and by which URL it was sent."""

import re
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Final

from aiohttp import web
from yarl import URL

_HOST: Final = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:(?P<port>[0-9]{1,5}))?")

Network = IPv4Network | IPv6Network

TRUSTED_PROXIES: web.AppKey[tuple[Network, ...]] = web.AppKey("trusted_proxies")
PUBLIC_URL: web.AppKey[str | None] = web.AppKey("public_url")


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
        if not _is_address(forwarded.strip()) or not is_in(address, trusted):
            break
        address = forwarded.strip()
    return address


def sent_url(request: web.Request) -> URL:
    """Give the URL that the caller used.

    Scheme and host are those of the settings; else as a trusted proxy tells them; else those of
    the request itself.
    """
    public = request.config_dict[PUBLIC_URL]
    if public is not None:
        return URL(public).join(request.rel_url)
    url = request.url
    trusted = request.config_dict[TRUSTED_PROXIES]
    if is_in(request.remote or "", trusted):
        proto = _last(request.headers.get("X-Forwarded-Proto", ""))
        host = _last(request.headers.get("X-Forwarded-Host", ""))
        if proto in ("http", "https"):
            url = url.with_scheme(proto)
        if is_host(host):
            url = URL(f"{url.scheme}://{host}").join(url.relative())
    return url


def is_host(text: str) -> bool:
    """Tell whether a text is a host with or without a port, as a Host header is to hold it."""
    found = _HOST.fullmatch(text)
    return found is not None and int(found["port"] or 0) <= 65535


def _last(told: str) -> str:
    return told.rpartition(",")[2].strip()


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def is_in(address: str, networks: Sequence[Network]) -> bool:
    """Tell whether a text is an address in one of some networks."""
    return _is_address(address) and any(ip_address(address) in network for network in networks)
