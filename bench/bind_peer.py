"""ISC's BIND 9."""

from bench.peer import Peer


class BindPeer(Peer):
    name = "bind"
    title = "BIND 9"
    program = "named"
    package = "bind9"

    def prepare(self) -> None:
        zones = "".join(
            f'zone "{zone.apex}" {{ type primary; file "{zone.path}"; }};\n'
            for zone in self.corpus.zones
        )
        self.write("named.conf", _SERVER.format(folder=self.folder, port=self.port) + zones)

    def command(self) -> list[str]:
        return ["named", "-g", "-n", "1", "-c", str(self.folder / "named.conf")]


_SERVER = """\
options {{
    directory "{folder}";
    pid-file "{folder}/named.pid";
    session-keyfile "{folder}/session.key";
    listen-on port {port} {{ 127.0.0.1; }};
    listen-on-v6 {{ none; }};
    recursion no;
    notify no;
    check-integrity no;
    zone-statistics none;
    max-journal-size 1m;
}};
controls {{ }};
logging {{ category default {{ default_stderr; }}; category lame-servers {{ null; }}; }};
"""
