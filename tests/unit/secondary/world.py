"""A database with zones, secondaries on real sockets, and a clock of the test."""

import asyncio
import time
from typing import cast

import dns.flags
import dns.message
import dns.opcode
import dns.rcode
import dns.rrset

from nsd.account.keyring import Keyring
from nsd.account.principal import Principal
from nsd.background import Background
from nsd.change.changes import Changes
from nsd.change.edit import ZoneEdit
from nsd.change.follower import Follower
from nsd.client.courier import Courier
from nsd.secondary.board import Board
from nsd.secondary.declaration import Declaration, Declarations
from nsd.secondary.directory import Directory
from nsd.secondary.feed import Feed
from nsd.store import users, zones
from nsd.store.database import Database
from nsd.store.tsig_keys import TsigKeys
from nsd.zone import rrtypes
from nsd.zone.name import WireName, from_text
from nsd.zone.record import Record

WHO = Principal.server("test")
CHECK_SECONDS = 300.0


class Clock:
    """Time that stands still until the test sets it or lets it go."""

    def __init__(self) -> None:
        self.now = float(int(time.time()))
        self._gone_since: float | None = None

    def go(self) -> None:
        """Go forward as all clocks do."""
        self._gone_since = time.monotonic()

    def __call__(self) -> float:
        gone = 0.0 if self._gone_since is None else time.monotonic() - self._gone_since
        return self.now + gone


class Server(asyncio.DatagramProtocol):
    """A secondary on a real socket: it notes what it is told, and shows the serials it is given.

    `holds_back` keeps it from answering until it is set.
    """

    def __init__(self) -> None:
        self.serials: dict[WireName, int] = {}
        self.told: list[WireName] = []
        self.was_asked = asyncio.Event()
        self.was_told = asyncio.Event()
        self.looks = 0
        self.is_deaf = False
        self.knows_notify = True
        self.under_way = 0
        self.most_under_way = 0
        self.holds_back = asyncio.Event()
        self.holds_back.set()
        self.port = 0
        self._is_closed = asyncio.Event()
        self._answering: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if not self.is_deaf:
            task = asyncio.get_running_loop().create_task(self._answer(data, addr))
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_closed.set()

    async def close(self) -> None:
        self.holds_back.set()
        self.transport.close()
        await self._is_closed.wait()

    async def _answer(self, data: bytes, addr: tuple[str, int]) -> None:
        self.under_way += 1
        self.was_asked.set()
        self.most_under_way = max(self.under_way, self.most_under_way)
        await self.holds_back.wait()
        self.under_way -= 1
        self.transport.sendto(self._response(dns.message.from_wire(data)).to_wire(), addr)

    def _response(self, query: dns.message.Message) -> dns.message.Message:
        response = dns.message.make_response(query)
        owner = query.question[0].name
        apex = from_text(owner.to_text())
        if query.opcode() == dns.opcode.NOTIFY:
            self.told.append(apex)
            self.was_told.set()
            if not self.knows_notify:
                response.set_rcode(dns.rcode.NOTAUTH)
            return response
        self.looks += 1
        if apex not in self.serials:
            response.set_rcode(dns.rcode.REFUSED)
            return response
        response.flags |= dns.flags.AA
        soa = f"ns.{owner} h.{owner} {self.serials[apex]} 7200 900 1209600 60"
        response.answer = [dns.rrset.from_text(owner, 300, "IN", "SOA", soa)]
        return response


class World:
    """A server's board, driven by the test."""

    def __init__(self, changes: Changes, follower: Follower, keys: TsigKeys) -> None:
        self.changes = changes
        self.database: Database = changes.database
        self.clock = Clock()
        self.background = Background(self.clock)
        self.directory = Directory(self.database)
        self.keyring = Keyring(self.database, keys, self.clock)
        self.declarations = Declarations(changes, keys, from_text("catalog.invalid."), self.clock)
        self.courier = Courier([], wall=time.time)
        self.board = self.new_board()
        follower.memory.listeners.append(lambda effect: self.board.note(effect.apex))

    def new_board(self) -> Board:
        """Make a board, as a start of the server does."""
        return Board(
            self.database,
            self.directory,
            self.keyring,
            self.courier,
            self.background,
            check_seconds=CHECK_SECONDS,
            clock=self.clock,
            wall=self.clock,
        )

    async def begin(self) -> None:
        await self.changes.store_defaults()
        await self.database.write(
            lambda connection: users.add(
                connection, "me", email="", plan="unlimited", is_admin=False, now=1
            )
        )

    async def end(self) -> None:
        await self.background.close()
        await self.board.close()
        self.courier.close()
        await self.database.close()

    async def declare(self, name: str, port: int, *, group: str = "default") -> None:
        """Declare a secondary, as a request does."""
        await self.declarations.add(WHO, Declaration(name, "127.0.0.1", port, None, group))
        await self.reload()

    async def reload(self) -> None:
        await self.directory.load()
        await self.keyring.load()
        await self.board.reload()

    def feed(self, name: str) -> Feed:
        (found,) = [feed for feed in self.board.feeds if feed.secondary.name == name]
        return found

    async def create(self, domain: str) -> WireName:
        """Create a zone; give its apex."""
        apex = from_text(domain)
        owner = await self.database.read(lambda connection: users.by_name(connection, "me"))
        await self.changes.create_zone(WHO, owner.id, apex, lambda _edit: None)
        return apex

    async def change(self, apex: WireName) -> int:
        """Change a zone; give its new serial."""

        def put(edit: ZoneEdit) -> None:
            text = b"%d" % edit.zone.serial
            owner = from_text("t", apex)
            edit.insert(Record(owner, rrtypes.TXT, 300, bytes((len(text),)) + text))

        await self.changes.edit(WHO, lambda at: zones.by_apex(at, apex), put)
        return await self.serial(apex)

    async def serial(self, apex: WireName) -> int:
        """Give the serial of a zone, as it is stored."""
        row = await self.database.read(lambda connection: zones.by_apex(connection, apex))
        return row.serial
