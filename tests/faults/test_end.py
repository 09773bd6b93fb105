"""SIGTERM and SIGINT: what was accepted is finished, then the process ends with 0."""

import signal
import socket
from collections.abc import Callable

import dns.message
import dns.query
import pytest

from tests.live.server import Server, eventually

HEAD = (
    "POST /api/v1/dns-zones/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
    "Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
)


def listens(server: Server) -> bool:
    try:
        socket.create_connection(("127.0.0.1", server.http_port), timeout=20).close()
    except ConnectionRefusedError:
        return False
    return True


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_call_under_way_is_finished(
    own_server: Callable[..., Server], number: signal.Signals
) -> None:
    server = own_server()
    api = server.account().api
    body = b'{"domain": "late.example"}'
    call = HEAD.format(token=api.token, length=len(body)).encode() + body
    with socket.create_connection(("127.0.0.1", server.http_port), timeout=20) as connection:
        with server.database() as holding:
            holding.execute("BEGIN IMMEDIATE")  # until its end the server cannot write
            connection.sendall(call)
            api.get("/dns-zones/").expect(200)  # what came before this has come in too
            server.process.send(number)
            eventually(lambda: not listens(server), within=20, why="it takes no more calls")
        assert connection.recv(65536).startswith(b"HTTP/1.1 201 ")
    assert server.process.wait() == 0, server.process.output
    assert "rror" not in server.process.output
    server.start()
    assert server.found("late.example", "NS")


def test_idle_connections_do_not_hold_the_end_up(own_server: Callable[..., Server]) -> None:
    server = own_server()
    account = server.account()
    account.api.post("/dns-zones/", {"domain": "idle.example"}).expect(201)
    with (
        socket.create_connection(("127.0.0.1", server.http_port), timeout=20) as http,
        socket.create_connection(("127.0.0.1", server.dns_port), timeout=20) as stream,
    ):
        http.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert http.recv(65536).startswith(b"HTTP/1.1 200")
        query = dns.message.make_query("idle.example", "SOA")
        dns.query.send_tcp(stream, query, None)
        answer, _ = dns.query.receive_tcp(stream, None)
        assert answer.answer
        assert server.process.stop() == 0
        assert stream.recv(1) == b""


def test_a_full_disk_is_503_and_passes(own_server: Callable[..., Server]) -> None:
    resource = pytest.importorskip("resource")
    server = own_server()
    api = server.account().api
    zone = api.post("/dns-zones/", {"domain": "full.example"}).expect(201)["uuid"]
    path = f"/dns-zones/{zone}/records/"
    api.post(path, {"record_type": "A", "name": "before", "value": "192.0.2.1"}).expect(201)
    before = api.get(f"/dns-zones/{zone}/").expect(200)
    hard = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)[1]
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (4096, hard))
    record = {"record_type": "A", "name": "during", "value": "192.0.2.1"}
    refused = api.post(path, record)
    assert refused.refusal(503, "unavailable")
    assert refused.headers["Retry-After"] == "1"
    assert api.get(f"/dns-zones/{zone}/").expect(200) == before
    assert server.found("before.full.example") == ["192.0.2.1"]
    assert server.found("during.full.example") == []
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (hard, hard))
    api.post(path, record).expect(201)
    assert server.found("during.full.example") == ["192.0.2.1"]
    server.restart()
    assert server.found("during.full.example") == ["192.0.2.1"]
