"""The DNS doors: listeners on bound sockets, with one shortcut and one responder behind them."""

import asyncio
import socket
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import partial
from typing import Final

import structlog

from nsd.message.transport import Transport
from nsd.server import tcp, udp
from nsd.server.acceptor import Limits
from nsd.server.cookie import Cookies
from nsd.server.courtesy import Courtesy
from nsd.server.gate import Gate, RateLimits
from nsd.server.grouping import IPV4, IPV6
from nsd.server.later import Later, TransferSource
from nsd.server.rate import Rates
from nsd.server.responder import Responder, fail
from nsd.server.shortcut import Shortcut
from nsd.server.subject import Subjects
from nsd.service.cookie_secret import kept_secret
from nsd.service.sockets import DnsSockets
from nsd.settings import Dns, Settings
from nsd.zone.table import ZoneTable

log = structlog.get_logger()

LOGGED_OCTETS: Final = 512  # of a query that failed


async def open_dns(
    settings: Settings,
    table: ZoneTable,
    transfers: TransferSource,
    courtesy: Courtesy,
    sockets: Sequence[DnsSockets],
    ending: AsyncExitStack,
) -> None:
    """Answer on all sockets until the end. Raises StoreError."""
    dns = settings.dns
    cookies = await _cookies(settings) if dns.cookies else None
    shortcut = Shortcut(table, dns.udp_size, cookies)
    responder = _responder(dns, table, cookies, transfers)
    gates = _gates(dns, Subjects(table, cookies))
    streams = tcp.TcpListener(
        shortcut,
        partial(_respond, responder, Transport.TCP),
        courtesy,
        Limits(dns.tcp_connections, dns.tcp_connections_per_address),
        time.monotonic,
        idle_seconds=dns.tcp_idle_seconds,
    )
    ending.push_async_callback(streams.close)
    for bound in sockets:
        respond = partial(_respond, responder, Transport.UDP)
        gate = gates.get(bound.datagrams.family)
        datagrams = udp.UdpListener(bound.datagrams, shortcut, respond, courtesy, gate)
        ending.callback(datagrams.close)
        streams.listen(bound.streams)


def _gates(dns: Dns, subjects: Subjects) -> dict[int, Gate]:
    """Make a gate for each family of addresses, where rates are limited."""
    if dns.rate_limit == "off":
        return {}
    rates = Rates(
        answers=dns.rate_limit_answers,
        missing=dns.rate_limit_missing,
        referrals=dns.rate_limit_referrals,
        errors=dns.rate_limit_errors,
    )
    limits = RateLimits(
        rates, dns.rate_limit_slip, dns.rate_limit_exempt, only_log=dns.rate_limit == "log"
    )
    groupings = {socket.AF_INET: IPV4, socket.AF_INET6: IPV6}
    return {
        family: Gate(limits, grouping, subjects, time.monotonic)
        for family, grouping in groupings.items()
    }


async def _cookies(settings: Settings) -> Cookies:
    dns = settings.dns
    secret = dns.cookie_secret or await asyncio.to_thread(kept_secret, settings.data)
    return Cookies(secret, wall=time.time, required=dns.require_cookies)


def _responder(
    dns: Dns, table: ZoneTable, cookies: Cookies | None, transfers: TransferSource
) -> Responder:
    return Responder(
        table,
        wall=time.time,
        udp_size=dns.udp_size,
        version=dns.version,
        identity=dns.identity,
        cookies=cookies,
        tcp_idle_seconds=dns.tcp_idle_seconds,
        transfers=transfers,
    )


def _respond(
    responder: Responder, transport: Transport, message: bytes, client: str
) -> bytes | Later | None:
    try:
        return responder.answer(message, transport, client)
    except Exception:
        log.exception("a query failed", query=message[:LOGGED_OCTETS].hex(), client=client)
        return fail(message)
