"""CZ.NIC's Knot DNS."""

from bench.peer import Peer


class KnotPeer(Peer):
    name = "knot"
    title = "Knot DNS"
    program = "knotd"
    package = "knot"

    def prepare(self) -> None:
        zones = "".join(
            f"  - domain: {zone.apex}\n    file: {zone.path}\n" for zone in self.corpus.zones
        )
        self.write("knot.conf", _SERVER.format(folder=self.folder, port=self.port) + zones)

    def command(self) -> list[str]:
        return ["knotd", "-c", str(self.folder / "knot.conf")]


_SERVER = """\
server:
  listen: 127.0.0.1@{port}
  rundir: {folder}
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
database:
  storage: {folder}
log:
  - target: stderr
    any: error
template:
  - id: default
    storage: {folder}
    zonefile-sync: -1
    zonefile-load: whole
    journal-content: none
    semantic-checks: off
zone:
"""
