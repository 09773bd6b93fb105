"""The bench's two small C programs, built where they are needed."""

import subprocess
from pathlib import Path

from bench.error import BenchError, MissingProgramError


def build(name: str, target: Path) -> Path:
    source = Path(__file__).with_name(f"{name}.c")
    command = ["gcc", "-O2", "-Wall", "-o", str(target), str(source)]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except FileNotFoundError:
        raise MissingProgramError("gcc is not installed (Debian package gcc)") from None
    except subprocess.CalledProcessError as error:
        raise BenchError(f"gcc cannot build {source.name}: {error.stderr.strip()}") from error
    return target
