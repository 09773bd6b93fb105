"""This repository's server, as it stands in the working tree."""

import os
import shutil
import subprocess
import sys
from itertools import islice
from pathlib import Path

from bench.corpus import Corpus
from bench.error import BenchError
from bench.peer import Peer

_ROOT = Path(__file__).parent.parent
_NSDCTL = [sys.executable, "-m", "nsd"]
_ACCOUNT = "bench"
_FILES_A_CALL = 2_000  # an argument list is at most 2 MB long
_IMPORT_LIMIT = 600  # seconds


class OurPeer(Peer):
    """Started with its defaults; `settings`, a TOML text, come on top."""

    name = "ours"
    title = "nsdctl"

    def __init__(self, folder: Path, corpus: Corpus, settings: str = "") -> None:
        super().__init__(folder, corpus)
        self._settings = settings
        self._data = self.folder / "data"

    def prepare(self) -> None:
        """Import the zones, once for all servers of this kind that serve the same ones."""
        self.write("bench.toml", self._settings)
        imported = self.corpus.folder / "imported"
        if not imported.exists():
            self._import()
            shutil.copytree(self._data, imported)
        elif not self._data.exists():
            shutil.copytree(imported, self._data)
        self.credential = (self._data / "token").read_text()

    def _import(self) -> None:
        self._control("user", "add", _ACCOUNT, "--admin")
        token = self._control("token", "create", "--user", _ACCOUNT)
        (self._data / "token").write_text(token)
        files = (str(zone.path) for zone in self.corpus.zones)
        while batch := list(islice(files, _FILES_A_CALL)):
            self._control("zone", "import", "--user", _ACCOUNT, *batch)

    def command(self) -> list[str]:
        ports = ["--dns", f"127.0.0.1:{self.port}", "--http", f"127.0.0.1:{self.http_port}"]
        return [*_NSDCTL, "serve", *self._place(), *ports]

    def environment(self) -> dict[str, str]:
        return {"PYTHONPATH": str(_ROOT)}

    def _place(self) -> list[str]:
        return ["--data", str(self._data), "--config", str(self.folder / "bench.toml")]

    def _control(self, *words: str) -> str:
        command = [*_NSDCTL, *words[:2], *self._place(), *words[2:]]
        done = subprocess.run(
            command,
            check=False,
            capture_output=True,
            text=True,
            timeout=_IMPORT_LIMIT,
            env=os.environ | self.environment(),
        )
        if done.returncode:
            said = (done.stderr or done.stdout).strip().splitlines()[-1:]
            raise BenchError(f"{self.title}: {' '.join(words[:2])} failed: {' '.join(said)}")
        return done.stdout.strip()


class WithoutCookies(OurPeer):
    """The same without the one feature of the query path that can be turned off."""

    name = "ours-no-cookies"
    title = "nsdctl, cookies off"

    def __init__(self, folder: Path, corpus: Corpus) -> None:
        super().__init__(folder, corpus, "[dns]\ncookies = false\n")


class WithLimits(OurPeer):
    """The same with all responses counted: no network is exempt, and a rate may be large."""

    name = "ours-limited"
    title = "nsdctl, all counted"

    def __init__(self, folder: Path, corpus: Corpus) -> None:
        settings = "rate_limit_exempt = []\nrate_limit_answers = 0\nrate_limit_missing = 0\n"
        super().__init__(folder, corpus, "[dns]\n" + settings)


class WithoutLimits(OurPeer):
    """The same without limits of rates."""

    name = "ours-no-limits"
    title = "nsdctl without limits"

    def __init__(self, folder: Path, corpus: Corpus) -> None:
        super().__init__(folder, corpus, '[dns]\nrate_limit = "off"\n')
