"""The files for BIND9: a real `named` takes them without a warning and answers as we do."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import dns.message
import dns.rdatatype
import pytest

from tests.interop.generated import Content, zones
from tests.live.port import free_port
from tests.live.process import Process
from tests.live.server import Server, control

Program = Callable[[str], str]
ZONES = 200

# BIND compresses names in them, and dnspython does not read what it does not know the form of.
UNREADABLE = {7, 8, 9, 14}  # MB, MG, MR, MINFO
SERVERS = ("ns1", "ns2")

# Names that no API creates, but a master file can bring.
IMPORTED = (
    r"\.\./\.\./escaped.example",
    r"\046\046\047x",
    r"a\"b\;c\{d\}.example",
    r"back\\slash.example",
    r"new\010line.example",
    r"nul\000.example",
    r"\255\254.example",
    "single",
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the generated zones."""
    folder = tmp_path_factory.mktemp("bind")
    running = Server(folder / "data").start()
    api = running.account(admin=True).api
    for domain, records in zones(ZONES):
        api.post("/dns-zones/", {"domain": domain, "records": records}).expect(201)
    for number, apex in enumerate(IMPORTED):
        file = folder / f"imported{number}"
        soa = "ns1.example.net. h.example.net. 1 7200 900 1209600 300"
        file.write_text(f"{apex}. 60 SOA {soa}\n{apex}. 60 A 192.0.2.1\n")
    done = running.control("zone", "import", *map(str, sorted(folder.glob("imported*"))))
    assert (done.returncode, done.stderr) == (0, "")
    yield running
    assert running.process.stop() == 0


@pytest.fixture(scope="module")
def exported(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where all zones are exported."""
    directory = tmp_path_factory.mktemp("exported") / "odd \"name\" and 'more'"
    export(server, directory)
    return directory


def export(server: Server, directory: Path) -> str:
    options = [word for name in SERVERS for word in ("--server", name)]
    done = server.control("bind", "export", str(directory), *options)
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout


class Bind:
    """A running `named`, asked like our server."""

    def __init__(self, program: str, folder: Path, configuration: str) -> None:
        self.port = free_port()
        file = folder / "named.conf"
        file.write_text(configuration.format(folder=folder, port=self.port))
        self.process = Process(program, "-g", "-c", str(file), "-n", "1", cwd=folder)
        try:
            self.process.wait_for_line("all zones loaded")
        except BaseException:
            self.process.kill()
            raise


CONFIGURATION = """
options {{
  directory "{folder}"; pid-file none; session-keyfile none; managed-keys-directory "{folder}";
  listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }};
  recursion no; allow-transfer {{ none; }}; notify no; dnssec-validation no;
  minimal-responses yes; empty-zones-enable no;
}};
controls {{ }};
include "INCLUDED";
"""


@pytest.fixture(scope="module")
def named(
    exported: Path, program: Program, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Bind]:
    """`named` on what was exported for ns1."""
    binary = program("named")
    included = str(exported / "ns1" / "named.conf").replace('"', '\\"')
    configuration = CONFIGURATION.replace("INCLUDED", included)
    bind = Bind(binary, tmp_path_factory.mktemp("named"), configuration)
    yield bind
    bind.process.stop()


def test_named_checkconf_finds_nothing_to_say_of_the_zones(
    exported: Path, program: Program
) -> None:
    for name in SERVERS:
        done = subprocess.run(
            [program("named-checkconf"), "-z", str(exported / name / "named.conf")],
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
        )
        said = (done.stdout + done.stderr).splitlines()
        assert [line for line in said if "loaded serial" not in line] == []
        assert done.returncode == 0
        assert len(said) == ZONES + len(IMPORTED)


def test_named_loads_all_without_a_warning(named: Bind) -> None:
    of_zones = [line for line in named.process.lines if "zone" in line]
    unsaid = ("loaded serial", "all zones loaded", "sizing zone task pool", "managed keys zone")
    assert [line for line in of_zones if not any(part in line for part in unsaid)] == []
    loaded = [line for line in of_zones if "/IN: loaded serial" in line]
    assert len(loaded) == ZONES + len(IMPORTED)


def answer_of(message: dns.message.Message) -> tuple[object, ...]:
    """Give what must be the same: rcode, AA, the answer, and what proves a negative answer."""
    found = [lines(rrset) for rrset in message.answer if rrset.rdtype not in UNREADABLE]
    authority = [] if message.answer else [lines(rrset) for rrset in message.authority]
    return message.rcode(), message.flags & dns.flags.AA, sorted(found), sorted(authority)


def lines(rrset: dns.rrset.RRset) -> list[str]:
    return sorted(rrset.to_text().splitlines())


def questions(domain: str, records: list[Content]) -> Iterator[tuple[str, str]]:
    for record in records:
        name = domain if record["name"] == "@" else f"{record['name']}.{domain}"
        yield name, record["record_type"]
        yield name, "HINFO"
    for name in (
        "missing",
        "below.alias",
        "under.tree",
        "www.sub",
        "deep",
        "a.*.b",
        "b",
        "any.x.b",
    ):
        yield f"{name}.{domain}", "A"
    for kind in ("SOA", "NS", "ANY", "TYPE65282"):
        yield domain, kind


def test_named_answers_each_record_as_we_do(server: Server, named: Bind) -> None:
    differences = []
    for domain, records in zones(ZONES):
        for name, kind in dict.fromkeys(questions(domain, records)):
            ours = answer_of(server.ask(name, kind, tcp=kind == "ANY"))
            theirs = answer_of(server.ask(name, kind, tcp=kind == "ANY", dns_port=named.port))
            if ours != theirs:
                differences.append((name, kind, ours, theirs))
    for apex in IMPORTED:
        ours, theirs = (answer_of(server.ask(apex, "A", dns_port=port)) for port in (0, named.port))
        if ours != theirs:
            differences.append((apex, "A", ours, theirs))
    assert not differences, "\n".join(map(str, differences[:20]))


def inodes(directory: Path) -> dict[str, tuple[int, int]]:
    return {
        str(file.relative_to(directory)): (file.stat().st_ino, file.stat().st_mtime_ns)
        for file in directory.rglob("*")
        if file.is_file()
    }


def test_only_what_has_changed_is_written_and_what_is_gone_goes(
    server: Server, tmp_path: Path
) -> None:
    assert export(server, tmp_path).startswith(f"{2 * (ZONES + len(IMPORTED))} zone files written")
    first = inodes(tmp_path)
    assert export(server, tmp_path).startswith("0 zone files written, 0 removed")
    assert inodes(tmp_path) == first

    api = server.account().api
    content = {"domain": "rewritten.example", "records": []}
    zone = api.post("/dns-zones/", content).expect(201)["uuid"]
    assert export(server, tmp_path).startswith("2 zone files written, 0 removed")
    second = inodes(tmp_path)
    added = second.keys() - first.keys()
    assert added == {f"{name}/zones/rewritten.example.zone" for name in SERVERS}
    same = {file for file in first if second[file] == first[file]}
    meta = {f"{name}/{file}" for name in SERVERS for file in ("named.conf", "exported.json")}
    assert first.keys() - same == meta

    record = {"record_type": "A", "name": "www", "value": "192.0.2.1"}
    api.post(f"/dns-zones/{zone}/records/", record).expect(201)
    assert export(server, tmp_path).startswith("2 zone files written, 0 removed")
    third = inodes(tmp_path)
    changed = {file for file in third if third[file] != second[file]}
    assert changed == added | {f"{name}/exported.json" for name in SERVERS}

    api.delete(f"/dns-zones/{zone}/").expect(204)
    assert export(server, tmp_path).startswith("0 zone files written, 2 removed")
    assert inodes(tmp_path).keys() == first.keys()
    for name in SERVERS:
        assert "rewritten" not in (tmp_path / name / "named.conf").read_text()


def test_nothing_is_written_outside_the_folders(exported: Path) -> None:
    files = inodes(exported)
    assert {file.split("/")[0] for file in files} == set(SERVERS)
    assert {len(file.split("/")) for file in files if file.endswith(".zone")} == {3}
    assert inodes(exported.parent).keys() == {f"{exported.name}/{file}" for file in files}


@pytest.mark.parametrize("name", ["../out", "/tmp/out", "", ".", "a/b"])
def test_a_servers_name_cannot_lead_out_of_the_folder(tmp_path: Path, name: str) -> None:
    folders = [str(tmp_path / folder) for folder in ("in", "data")]
    done = control("bind", "export", folders[0], "--server", name, "--data", folders[1])
    assert done.returncode == 1
    assert "short name" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_lost_and_foreign_files_are_put_right(server: Server, tmp_path: Path) -> None:
    export(server, tmp_path)
    expected = inodes(tmp_path).keys()
    (tmp_path / "ns1" / "zones" / "zone0.example.zone").unlink()
    (tmp_path / "ns1" / "zones" / "stray.example.zone").write_text("stray")
    (tmp_path / "ns2" / "named.conf").write_text("nonsense")
    (tmp_path / "ns2" / "exported.json").write_text('{"nonsense": null}')
    export(server, tmp_path)
    assert inodes(tmp_path).keys() == expected
    assert (tmp_path / "ns2" / "named.conf").read_text().count("\n") == ZONES + len(IMPORTED)


def test_nothing_that_an_account_may_say_keeps_its_zone_out_of_bind(
    server: Server, program: Program, tmp_path: Path
) -> None:
    api = server.account().api
    domains = {
        "lame.example": [("NS", "@", "ns.lame.example")],
        "half.example": [("NS", "@", "ns.half.example"), ("NS", "@", "ns1.example.net")],
        "alias.example": [("NS", "@", "ns.alias.example"), ("CNAME", "ns", "ns1.example.net")],
        "under.example": [("NS", "@", "ns.d.under.example"), ("DNAME", "d", "example.net")],
        "wild.example": [("NS", "@", "ns.wild.example"), ("A", "*", "192.0.2.1")],
        "cut.example": [("NS", "@", "ns.sub.cut.example"), ("NS", "sub", "ns.sub.cut.example")],
        "star.example": [("NS", "*", "ns1.example.net"), ("NS", "*.a", "ns.star.example")],
        "names.example": [("A", "_x", "192.0.2.1"), ("MX", "@", "missing.names.example")],
    }
    for domain, contents in domains.items():
        records = [
            {"record_type": kind, "name": name, "value": value, "priority": 1}
            for kind, name, value in contents
        ]
        api.post("/dns-zones/", {"domain": domain, "records": records}).expect(201)
    export(server, tmp_path)
    conf = tmp_path / "ns1" / "named.conf"
    done = subprocess.run(
        [program("named-checkconf"), "-z", str(conf)],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    for domain in domains:
        said = [line for line in done.stdout.splitlines() if f"zone {domain}/IN" in line]
        assert len(said) == 1, said
        assert "loaded serial" in said[0]
    text = (tmp_path / "ns1" / "zones" / "half.example.zone").read_text()
    assert text.count("NS\t") == 1, text
    assert "ns1.example.net." in (tmp_path / "ns1" / "zones" / "lame.example.zone").read_text()


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    control("user", "add", "someone", "--data", str(tmp_path / "data"))
    done = control("bind", "export", str(tmp_path / "file"), "--data", str(tmp_path / "data"))
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert str(tmp_path / "file") in line
