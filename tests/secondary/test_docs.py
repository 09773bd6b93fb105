"""docs/secondaries.md: the ten commands, run as they are written."""

import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "secondaries.md"

# The machines of the guide are one here: their addresses stand on the loopback interface, and each
# has folders of its own. What `ssh` and `systemctl` do is done by these.
OUTSIDE = """\
set -e
ip link set lo up
for address in 192.0.2.10 192.0.2.1 192.0.2.2; do ip addr add $address/32 dev lo; done
mount -t tmpfs none /srv
mount -t tmpfs none /run
cd {work}
export PATH={work}/bin:$PATH
bash -eux {work}/commands
"""
SHIMS = {
    "nsdctl": '#!/bin/sh\nPYTHONPATH={root} exec {python} -m nsd "$@"\n',
    "ssh": """\
#!/bin/sh
machine={work}/${{1#root@}}
mkdir -p $machine/etc $machine/cache
exec unshare --mount sh -ec "
mount --bind $machine/etc /etc/bind
mount --bind $machine/cache /var/cache/bind
mount -t tmpfs none /run
mkdir /run/named
$2"
""",
    "systemctl": '#!/bin/sh\n[ "$*" = "restart named" ] && exec {named} -c /etc/bind/named.conf\n',
}


def commands() -> list[str]:
    block = re.search(r"^```sh\n(.*?)^```", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    assert block
    return block[1].splitlines()


def test_there_are_ten_commands() -> None:
    assert len(commands()) == 10


@pytest.mark.timeout(120)
def test_the_commands_lead_to_two_secondaries(
    program: Callable[[str], str], tmp_path: Path
) -> None:
    if os.geteuid() != 0:
        pytest.skip("the guide's addresses need root")
    for name in ("ip", "dig"):
        program(name)
    named, unshare = program("named"), program("unshare")
    (tmp_path / "bin").mkdir()
    for name, text in SHIMS.items():
        shim = tmp_path / "bin" / name
        shim.write_text(text.format(work=tmp_path, root=ROOT, python=sys.executable, named=named))
        shim.chmod(shim.stat().st_mode | stat.S_IXUSR)
    (tmp_path / "example.com.zone").write_text(
        "$ORIGIN example.com.\n@ 300 SOA ns1 h 7 7200 900 1209600 300\nwww 300 A 192.0.2.80\n"
    )
    # A person takes a while between two commands: what they wait for is waited for here.
    lines = []
    for line in commands():
        if line.startswith("nsdctl zone import"):
            lines.append("until dig @192.0.2.10 x.invalid +time=1 >/dev/null; do sleep 0.1; done")
        if line.startswith("dig "):
            lines.append(f"until {line} | grep -q '^ns1'; do sleep 0.1; done")
        if line.startswith("nsdctl secondary status"):
            lines.append("sleep 3")
        lines.append(line)
    (tmp_path / "commands").write_text("\n".join(lines) + "\n")
    isolated = [unshare, "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    if subprocess.run([*isolated, "true"], check=False, capture_output=True).returncode:
        pytest.skip("namespaces cannot be made here")
    done = subprocess.run(
        [*isolated, "sh", "-c", OUTSIDE.format(work=tmp_path)],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    said = f"{done.stdout}\n{done.stderr}"
    assert done.returncode == 0, said
    assert done.stdout.count(" 7 7200 900 1209600 300") == 2, said
    for name in ("ns1", "ns2"):
        assert re.search(rf"^{name} +2 +2 +0 ", done.stdout, re.MULTILINE), said
