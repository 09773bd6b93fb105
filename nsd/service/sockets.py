"""The sockets: bound before anything else, so that an address that is taken ends a start early."""

import socket
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from typing import Final

from nsd.errors import ListenError
from nsd.server import tcp, udp
from nsd.settings import Endpoint

ANY_PORT_TRIES: Final = 20


@dataclass(frozen=True, slots=True)
class DnsSockets:
    """One endpoint's sockets, both on the same port; `endpoint` is where they really are."""

    endpoint: Endpoint
    datagrams: socket.socket
    streams: socket.socket


@dataclass(frozen=True, slots=True)
class HttpSocket:
    """The APIs' socket, and where it really is."""

    endpoint: Endpoint
    streams: socket.socket


def bind_dns(endpoints: Sequence[Endpoint], ending: AsyncExitStack) -> list[DnsSockets]:
    """Bind every endpoint for UDP and TCP, until the end. Raises ListenError."""
    return [_bind_both(endpoint, ending) for endpoint in endpoints]


def bind_http(endpoint: Endpoint, ending: AsyncExitStack) -> HttpSocket:
    """Bind the endpoint of the APIs, until the end. Raises ListenError."""
    with _listen_errors(endpoint, "HTTP"):
        streams = tcp.bind(endpoint.host, endpoint.port)
    ending.callback(streams.close)
    return HttpSocket(Endpoint(endpoint.host, streams.getsockname()[1]), streams)


def _bind_both(endpoint: Endpoint, ending: AsyncExitStack) -> DnsSockets:
    with _listen_errors(endpoint, "DNS"):
        datagrams, streams = _bind_pair(endpoint)
    ending.callback(datagrams.close)
    ending.callback(streams.close)
    port = datagrams.getsockname()[1]
    return DnsSockets(Endpoint(endpoint.host, port), datagrams, streams)


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


@contextmanager
def _listen_errors(endpoint: Endpoint, what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ListenError(f"cannot listen on {endpoint} for {what}: {error.strerror}") from error
