"""Complete configuration files for secondaries: BIND9, Knot DNS, NSD."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from nsd.bind.file_name import config_name, file_name
from nsd.settings import Endpoint
from nsd.store.tsig_keys import TsigKey
from nsd.zone.name import WireName, to_text


@dataclass(frozen=True, slots=True)
class Config:
    """What a secondary's file says; `zones` are those for servers that read no catalogs."""

    name: str
    listen: Endpoint
    folder: str
    primary: Endpoint
    key: TsigKey | None
    catalog: WireName
    zones: Sequence[WireName] = ()

    @property
    def key_name(self) -> str:
        """The key's name without its closing dot, empty for none."""
        return "" if self.key is None else to_text(self.key.name).rstrip(".")

    @property
    def secret(self) -> str:
        """The key's secret in base64."""
        return "" if self.key is None else base64.b64encode(self.key.secret).decode()


def bind(config: Config) -> str:
    """Write a `named.conf` for BIND 9.18 or later."""
    where = _bind_primary(config)
    asker = f'key "{config.key_name}";' if config.key else f"{config.primary.host};"
    family = "listen-on-v6" if config.listen.is_ipv6 else "listen-on"
    other = "listen-on" if config.listen.is_ipv6 else "listen-on-v6"
    catalog = config_name(config.catalog)
    return f"""\
// BIND9 as the secondary {config.name}.
{_bind_key(config)}
options {{
    directory "{config.folder}";
    {family} port {config.listen.port} {{ {config.listen.host}; }};
    {other} {{ none; }};
    recursion no;
    notify no;
    allow-transfer {{ none; }};
    minimal-responses yes;
    transfers-in 64;
    transfers-per-ns 64;
    serial-query-rate 1000;
    max-transfer-idle-in 2;
    max-retry-time 60;
    catalog-zones {{
        zone "{catalog}" default-primaries {{ {where} }} in-memory no min-update-interval 0;
    }};
}};

zone "{catalog}" {{
    type secondary;
    file "{file_name(config.catalog)}";
    primaries {{ {where} }};
    allow-query {{ {asker} }};
}};
"""


def bind_zones(config: Config) -> str:
    """Write a file to include in `named.conf`: the key, and every zone by itself."""
    where = _bind_primary(config)
    zones = "".join(
        f'zone "{config_name(apex)}" {{ type secondary; file "{file_name(apex)}";'
        f" primaries {{ {where} }}; }};\n"
        for apex in config.zones
    )
    return _bind_key(config) + zones


def _bind_primary(config: Config) -> str:
    key = f' key "{config.key_name}"' if config.key else ""
    return f"{config.primary.host} port {config.primary.port}{key};"


def _bind_key(config: Config) -> str:
    if config.key is None:
        return ""
    return (
        f'key "{config.key_name}" {{\n'
        f"    algorithm {config.key.algorithm};\n"
        f'    secret "{config.secret}";\n'
        "};\n"
    )


def knot(config: Config) -> str:
    """Write a `knot.conf` for Knot DNS 3.2 or later."""
    key = _if(config.key, f"\n    key: {config.key_name}")
    keys = _if(
        config.key,
        f"""
key:
  - id: {config.key_name}
    algorithm: {config.key.algorithm if config.key else ""}
    secret: {config.secret}
""",
    )
    return f"""\
# Knot DNS as the secondary {config.name}.
server:
    listen: {config.listen.host}@{config.listen.port}
    rundir: "{config.folder}"

database:
    storage: "{config.folder}"

log:
  - target: stderr
    any: info
{keys}
remote:
  - id: primary
    address: {config.primary.host}@{config.primary.port}{key}

acl:
  - id: from-primary
    address: {config.primary.host}{key}
    action: [notify, transfer]

template:
  - id: default
    storage: "{config.folder}"
    file: "%s.zone"
  - id: member
    storage: "{config.folder}"
    file: "%s.zone"
    master: primary
    acl: from-primary
    zonefile-load: none
    zonefile-sync: -1
    journal-content: all

zone:
  - domain: {to_text(config.catalog)}
    master: primary
    acl: from-primary
    catalog-role: interpret
    catalog-template: member
    zonefile-load: none
    zonefile-sync: -1
    journal-content: all
"""


def nsd(config: Config) -> str:
    """Write an `nsd.conf` for NSD 4.6 or later, which lists the zones: 4.6 reads no catalogs.

    Zones to come are added by `nsd-control`, for which the socket in the folder is open.
    """
    source = f"{config.primary.host}@{config.primary.port} {config.key_name or 'NOKEY'}"
    keys = _if(
        config.key,
        f"""
key:
    name: "{config.key_name}"
    algorithm: {config.key.algorithm if config.key else ""}
    secret: "{config.secret}"
""",
    )
    zones = "".join(
        f'\nzone:\n    name: "{to_text(apex)}"\n    include-pattern: "{NSD_PATTERN}"\n'
        for apex in config.zones
    )
    return f"""\
# NSD as the secondary {config.name}.
server:
    ip-address: {config.listen.host}@{config.listen.port}
    zonesdir: "{config.folder}"
    pidfile: "{config.folder}/nsd.pid"
    xfrdfile: "{config.folder}/xfrd.state"
    xfrdir: "{config.folder}"
    zonelistfile: "{config.folder}/zone.list"
    database: ""
    username: ""
    hide-version: yes
    xfrd-reload-timeout: 0

remote-control:
    control-enable: yes
    control-interface: "{config.folder}/nsd.ctl"
{keys}
pattern:
    name: "{NSD_PATTERN}"
    zonefile: "%s.zone"
    request-xfr: {source}
    allow-notify: {config.primary.host} {config.key_name or "NOKEY"}
    max-retry-time: 60
{zones}"""


NSD_PATTERN: Final = "from-nsdctl"
FORMATS: Final[dict[str, Callable[[Config], str]]] = {"bind": bind, "knot": knot, "nsd": nsd}


def _if(condition: object, text: str) -> str:
    return text if condition else ""
