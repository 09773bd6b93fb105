"""The composition root: settings → store → zones → DNS → HTTP, and all of it back."""

import asyncio
import contextlib
import gc
import socket
from collections.abc import Iterator
from functools import partial
from typing import Final

import structlog
from aiohttp import web

from nsd.alias.keeper import AliasKeeper
from nsd.alias.resolver import Resolver
from nsd.api.app import make_app
from nsd.api.auth import Authenticator
from nsd.api.dozens.auth import Sessions
from nsd.background import Background
from nsd.bind.export import BindExport
from nsd.bind.keeper import BindKeeper
from nsd.change.changes import Changes
from nsd.errors import ListenError
from nsd.server import tcp, udp
from nsd.server.cookie import Cookies
from nsd.server.later import Later
from nsd.server.responder import Responder, fail
from nsd.server.shortcut import Shortcut
from nsd.service.cookie_secret import kept_secret
from nsd.service.defaults import zone_defaults
from nsd.service.transfers import Transfers
from nsd.settings import Endpoint, Settings
from nsd.store.database import open_database
from nsd.zone.table import ZoneTable

log = structlog.get_logger()

# Nothing here lives on by mistake that only the collector could free, so it may come seldom: an
# import makes tens of thousands of objects that all stay.
GC_THRESHOLDS: Final = (20_000, 20, 20)
FOLLOW_SECONDS: Final = 0.25
MOST_PAUSE_SECONDS: Final = 1.0  # what commands changed is answered within a second
SAVE_USES_SECONDS: Final = 10.0
HTTP_GRACE_SECONDS: Final = 5.0
ANY_PORT_TRIES: Final = 20


class Service:
    """One running server. `start` it, then `close` it, on the same event loop."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.table = ZoneTable()
        self.dns: list[Endpoint] = []
        self.http: Endpoint | None = None
        self.background = Background()
        self._courtesy = udp.Courtesy()
        self._is_behind = False
        self._ending = contextlib.AsyncExitStack()

    async def start(self) -> None:
        """Open the store, load the zones, listen. Raises StoreError, ListenError."""
        async with contextlib.AsyncExitStack() as ending:
            await self._start(ending)
            self._ending = ending.pop_all()

    async def close(self) -> None:
        """Stop listening, finish what was accepted, close the store."""
        await self._ending.aclose()

    async def _start(self, ending: contextlib.AsyncExitStack) -> None:
        sockets = [*self._bind_dns(ending)]
        http = _bind_http(self.settings.http.listen)
        ending.callback(http.close)
        self.database = await open_database(self.settings.data)
        ending.push_async_callback(self.database.close)
        self.changes = Changes(
            self.database, self.table, zone_defaults(self.settings.zone), self.settings.plans
        )
        with _all_to_stay():
            await self.changes.load()
        self.transfers = Transfers(self.settings, self.database, self.changes)
        await self.transfers.start(ending)
        await self._start_dns(sockets, ending)
        self.authenticator = Authenticator(self.database)
        self.sessions = Sessions(self.database)
        ending.push_async_callback(self.authenticator.save_uses)
        await self._start_work(ending)
        await self._start_http(http, ending)

    def _bind_dns(
        self, ending: contextlib.AsyncExitStack
    ) -> Iterator[tuple[socket.socket, socket.socket]]:
        """Bind every endpoint for UDP and, on the same port, for TCP."""
        for endpoint in self.settings.dns.listen:
            with _listen_errors(endpoint, "DNS"):
                datagrams, streams = _bind_pair(endpoint)
            ending.callback(datagrams.close)
            ending.callback(streams.close)
            self.dns.append(Endpoint(endpoint.host, datagrams.getsockname()[1]))
            yield datagrams, streams

    async def _start_dns(
        self,
        sockets: list[tuple[socket.socket, socket.socket]],
        ending: contextlib.AsyncExitStack,
    ) -> None:
        cookies = await self._cookies() if self.settings.dns.cookies else None
        responder = self._responder(cookies)
        shortcut = Shortcut(self.table, self.settings.dns.udp_size, cookies)
        streams = tcp.TcpListener(
            shortcut,
            partial(_respond, responder, over_tcp=True),
            connections=self.settings.dns.tcp_connections,
            idle_seconds=self.settings.dns.tcp_idle_seconds,
        )
        ending.push_async_callback(streams.close)
        for datagram_socket, stream_socket in sockets:
            listener = udp.UdpListener(
                datagram_socket,
                shortcut,
                partial(_respond, responder, over_tcp=False),
                self._courtesy,
            )
            ending.callback(listener.close)
            await streams.start(stream_socket)

    def _responder(self, cookies: Cookies | None) -> Responder:
        dns = self.settings.dns
        return Responder(
            self.table,
            udp_size=dns.udp_size,
            version=dns.version,
            identity=dns.identity,
            cookies=cookies,
            tcp_idle_seconds=dns.tcp_idle_seconds,
            transfers=self.transfers.outbound,
        )

    async def _cookies(self) -> Cookies:
        dns = self.settings.dns
        secret = dns.cookie_secret or await asyncio.to_thread(kept_secret, self.settings.data)
        return Cookies(secret, required=dns.require_cookies)

    async def _start_http(self, bound: socket.socket, ending: contextlib.AsyncExitStack) -> None:
        http = self.settings.http
        app = make_app(
            self.changes,
            self.authenticator,
            self.sessions,
            self._courtesy,
            self.background,
            self.transfers.replication,
            self.transfers.declarations,
            dozens=self.settings.dozens,
            max_zone_file=http.max_zone_file,
            cors_origins=http.cors_origins,
            trusted_proxies=http.trusted_proxies,
            show_metrics=http.metrics,
        )
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=HTTP_GRACE_SECONDS)
        await runner.setup()
        ending.push_async_callback(runner.cleanup)
        await web.SockSite(runner, bound, backlog=1024).start()
        self.http = Endpoint(http.listen.host, bound.getsockname()[1])

    async def _start_work(self, ending: contextlib.AsyncExitStack) -> None:
        """Start what runs beside requests."""
        ending.push_async_callback(self.transfers.close)
        ending.push_async_callback(self.background.close)
        self.background.every(
            "following other processes", FOLLOW_SECONDS, self._follow, most_pause=MOST_PAUSE_SECONDS
        )
        self.background.every(
            "saving uses of tokens", SAVE_USES_SECONDS, self.authenticator.save_uses
        )
        await self.transfers.start_work(self.background)
        self._keep_alias()
        self._keep_bind()

    def _keep_alias(self) -> None:
        alias = AliasKeeper(self.changes, Resolver(self.settings.alias), self.settings.alias)
        self.changes.observers.append(alias.note)
        self.background.keep("keeping ALIAS addresses", alias.run)

    def _keep_bind(self) -> None:
        bind = self.settings.bind
        if bind.export_dir is not None:
            export = partial(BindExport, bind.export_dir, bind.servers, bind.placed_in)
            keeper = BindKeeper(self.database, export, bind.after_export)
            self.changes.listeners.append(keeper.note)
            self.background.every("exporting zones for BIND9", 0, keeper.step)

    async def _follow(self) -> None:
        """Take in what other processes have changed, and what of it could not be read before."""
        self._is_behind = await self.changes.follow_if_changed() or self._is_behind
        if self._is_behind:
            self.authenticator.forget()
            self.sessions.forget()
            await self.transfers.reload()
            self._is_behind = False


def _respond(
    responder: Responder, message: bytes, client: str, *, over_tcp: bool
) -> bytes | Later | None:
    try:
        return responder.answer(message, over_tcp=over_tcp, client=client)
    except Exception:
        log.exception("a query failed", query=message.hex())
        return fail(message)


@contextlib.contextmanager
def _all_to_stay() -> Iterator[None]:
    """Let no collection of garbage look at what is made meanwhile, now or later."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.set_threshold(*GC_THRESHOLDS)
        gc.enable()


def _bind_pair(endpoint: Endpoint) -> tuple[socket.socket, socket.socket]:
    """Bind UDP and TCP to one port; where any port will do, to one that is free for both."""
    tries = 1 if endpoint.port else ANY_PORT_TRIES
    while True:
        datagrams = udp.bind(endpoint.host, endpoint.port)
        try:
            return datagrams, tcp.bind(endpoint.host, datagrams.getsockname()[1])
        except OSError:
            datagrams.close()
            tries -= 1
            if not tries:
                raise


def _bind_http(endpoint: Endpoint) -> socket.socket:
    with _listen_errors(endpoint, "HTTP"):
        return tcp.bind(endpoint.host, endpoint.port)


@contextlib.contextmanager
def _listen_errors(endpoint: Endpoint, what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ListenError(f"cannot listen on {endpoint} for {what}: {error.strerror}") from error
