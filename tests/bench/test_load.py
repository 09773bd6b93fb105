"""The bench's own generators, against its own echo; its processes; its HTTP client."""

import asyncio
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web

from bench import blast, corpus, packet
from bench.corpus import Corpus, Question
from bench.error import BenchError
from bench.floor_peer import FloorPeer
from bench.http import HttpClient
from bench.peer import Running
from bench.process import Process

needs_gcc = pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is missing (Debian: gcc)")
QUESTIONS = [Question("www.hot.example."), Question("hot.example.", "MX")]


@pytest.fixture
def echo(tmp_path: Path) -> Iterator[Running]:
    peer = FloorPeer(tmp_path, Corpus(tmp_path, [], QUESTIONS, "www.hot.example."))
    peer.prepare()
    with peer.running() as running:
        yield running


@needs_gcc
def test_blast_counts_what_comes_back(echo: Running, tmp_path: Path) -> None:
    packets = packet.write(tmp_path / "packets", QUESTIONS, packet.EDNS_COOKIE)
    load = blast.build(tmp_path).run(echo.port, packets, 0.2, blast.FRESH_COOKIE)
    assert load.received == load.rcodes["0"] > 0
    assert load.lost == 0
    assert 0 < load.latency["p50"] <= load.latency["p99"] < 1


@needs_gcc
def test_blast_keeps_to_its_rate(echo: Running, tmp_path: Path) -> None:
    packets = packet.write(tmp_path / "packets", QUESTIONS)
    load = blast.build(tmp_path).run(echo.port, packets, 0.5, rate=2000)
    assert 500 < load.sent <= 1000


@needs_gcc
def test_blast_puts_a_new_name_into_each_query(tmp_path: Path) -> None:
    content = corpus.hot(tmp_path / "zones", 4)
    packets = packet.write(tmp_path / "packets", corpus.absent(content, 1))
    names = asyncio.run(_names_sent(blast.build(tmp_path), packets))
    assert len(names) == len(set(names)) > 10
    assert all(name.isalpha() and len(name) == 12 for name in names)


async def _names_sent(generator: blast.Blast, packets: Path) -> list[str]:
    """First labels of the queries that a server which never answers has received."""
    names: list[str] = []

    class Silent(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            names.append(data[13 : 13 + data[12]].decode())

    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Silent, local_addr=("127.0.0.1", 0))
    port = transport.get_extra_info("sockname")[1]
    load = await asyncio.to_thread(generator.run, port, packets, 0.1, blast.FRESH_NAME)
    transport.close()
    assert load.lost == 1
    return names


def test_a_process_ends_with_all_that_it_started(tmp_path: Path) -> None:
    process = Process(["sh", "-c", "sleep 600 & sleep 600; true"], tmp_path / "log")
    deadline = time.monotonic() + 10
    while process.members() < 3 and time.monotonic() < deadline:
        process.check()
    process.stop()
    assert process.members() == 0


def test_a_process_that_ends_by_itself_is_quoted(tmp_path: Path) -> None:
    process = Process(["sh", "-c", "echo no such zone; exit 3"], tmp_path / "log")
    process.wait()
    with pytest.raises(BenchError, match="ended with 3: no such zone"):
        process.check()


@pytest.mark.parametrize("chunked", [True, False])
async def test_the_client_reads_what_a_server_answers(chunked: bool) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        body = await request.read()
        response = web.Response(status=201, body=body + request.headers["X-Key"].encode())
        if chunked:
            response.enable_chunked_encoding()
        return response

    app = web.Application()
    app.router.add_post("/", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    client = HttpClient(runner.addresses[0][1], {"X-Key": "secret"})
    answers = [await client.call("POST", "/", b"a body, ") for _ in range(2)]
    await client.close()
    await runner.cleanup()
    assert answers == [(201, b"a body, secret")] * 2


async def test_a_server_that_is_not_there_is_an_error() -> None:
    with pytest.raises(BenchError, match="GET /"):
        await HttpClient(1, {}).call("GET", "/")
