"""The floor: what the kernel alone costs, as an echo in C."""

from bench import compiler
from bench.peer import Peer


class FloorPeer(Peer):
    name = "floor"
    title = "UDP echo in C (the floor)"
    program = "gcc"
    package = "gcc"

    def prepare(self) -> None:
        compiler.build("echo", self.folder / "echo")

    def command(self) -> list[str]:
        return [str(self.folder / "echo"), str(self.port)]
