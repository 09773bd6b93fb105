"""NLnet Labs' NSD."""

from bench.peer import Peer


class NsdPeer(Peer):
    name = "nsd"
    title = "NSD"
    program = "nsd"
    package = "nsd"

    def prepare(self) -> None:
        zones = "".join(
            f'zone:\n  name: "{zone.apex}"\n  zonefile: "{zone.path}"\n'
            for zone in self.corpus.zones
        )
        self.write("nsd.conf", _SERVER.format(folder=self.folder, port=self.port) + zones)

    def command(self) -> list[str]:
        return ["nsd", "-d", "-c", str(self.folder / "nsd.conf")]


_SERVER = """\
server:
  server-count: 1
  ip-address: 127.0.0.1@{port}
  username: ""
  chroot: ""
  zonesdir: "{folder}"
  database: ""
  pidfile: "{folder}/nsd.pid"
  xfrdfile: "{folder}/xfrd.state"
  zonelistfile: "{folder}/zone.list"
  xfrdir: "{folder}"
  rrl-ratelimit: 0
  rrl-whitelist-ratelimit: 0
  answer-cookie: yes
  tcp-count: 100
remote-control:
  control-enable: no
"""
