"""The forms of single values: addresses with ports, lists, networks, host names, secrets.

Each reads what a file or a variable holds and raises ValueError with a text for the operator.
"""

import json
import re
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, PlainValidator


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An IP address and a port to listen on or to speak to; port 0 takes any free one."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str, default_port: int | None = None) -> Self:
        """Read `ADDR:PORT` or `[ADDR]:PORT`; with `default_port`, a bare address too.

        Raises ValueError.
        """
        if default_port is not None and _is_address(text):
            return cls(str(ip_address(text)), default_port)
        found = _ENDPOINT.fullmatch(text)
        if found is None or not _is_address(host := found[1] or found[2]) or int(found[3]) > 65535:
            raise ValueError(f"'{text}' is not ADDR:PORT or [ADDR]:PORT")
        return cls(str(ip_address(host)), int(found[3]))

    @property
    def is_ipv6(self) -> bool:
        """Tell which of the two families the address is of."""
        return ":" in self.host

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if self.is_ipv6 else f"{self.host}:{self.port}"


_ENDPOINT = re.compile(r"(?:\[([^\]]*:[^\]]*)\]|([0-9.]+)):([0-9]{1,5})")


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _text(value: object, form: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{form} is needed, as text in quotes")  # noqa: TRY004  # pydantic reads ValueError only
    return value


@dataclass(frozen=True, slots=True)
class TransferRule:
    """Who may transfer what; None leaves open what it would narrow."""

    key: str | None = None
    network: IPv4Network | IPv6Network | None = None
    zone: str | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `key=NAME&network=CIDR&zone=NAME`, each part once or not; raises ValueError."""
        parts: dict[str, str] = {}
        for part in text.split("&"):
            name, equals, given = part.partition("=")
            if name not in {"key", "network", "zone"} or not equals or name in parts:
                raise ValueError(f"'{text}' is not like key=NAME&network=CIDR&zone=NAME")
            parts[name] = given
        if not {"key", "network"} & parts.keys():
            raise ValueError(f"'{text}' would let everyone in: name a key or a network")
        network = parts.get("network")
        return cls(
            None if "key" not in parts else _host_name(parts["key"]),
            None if network is None else ip_network(network),
            None if "zone" not in parts else _host_name(parts["zone"]),
        )


def _transfer_rule(value: object) -> TransferRule:
    if isinstance(value, TransferRule):
        return value
    return TransferRule.parse(_text(value, "a rule such as key=NAME&network=CIDR&zone=NAME"))


def _endpoint(value: object) -> Endpoint:
    return value if isinstance(value, Endpoint) else Endpoint.parse(_text(value, "ADDR:PORT"))


def _resolver(value: object) -> Endpoint:
    if isinstance(value, Endpoint):
        return value
    return Endpoint.parse(_text(value, "an address"), default_port=53)


def _network(value: object) -> IPv4Network | IPv6Network:
    if isinstance(value, IPv4Network | IPv6Network):
        return value
    return ip_network(_text(value, "a network"))


def _secret(value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    if not re.fullmatch(r"(?:[0-9A-Fa-f]{32})?", text := _text(value, "a secret")):
        raise ValueError("the secret is not made of 32 hexadecimal digits")
    return bytes.fromhex(text)


def _folder(value: object) -> Path:
    text = str(value) if isinstance(value, Path) else _text(value, "a folder")
    if not text or "\0" in text:
        raise ValueError("the folder's name is empty or holds a NUL")
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise ValueError(str(error)) from error


def _host_name(text: str) -> str:
    name = text.removesuffix(".").lower()
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in name.split(".")):
        raise ValueError(f"'{text}' is not a host name")
    return name + "."


_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")


def _contact(text: str) -> str:
    local, _, domain = text.rpartition("@")
    if local and not re.fullmatch(r"[!-~]{1,63}", local):
        raise ValueError(f"'{text}' is neither a mail address nor a name")
    _host_name(domain.replace("\\.", "-") if not local else domain)
    return text


# The name of a server or a group becomes a folder's: it must not lead out of the one it stands in.
is_short_name = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}").fullmatch


def _server(text: str) -> str:
    if not is_short_name(text):
        raise ValueError(f"'{text}' is not a server's short name")
    return text


def _public_url(text: str) -> str:
    if text == "*":
        raise ValueError("a URL such as https://dns.example.com is needed")
    return _origin(text)


def _origin(text: str) -> str:
    if text != "*" and not re.fullmatch(r"[a-z][a-z0-9+.-]*://[^/\s?#]+", text):
        raise ValueError(f"'{text}' is not an origin such as https://app.example.net")
    return text


def _split(value: object) -> object:
    """Cut a variable's text into a list; a file gives the list itself."""
    return re.findall(r"[^,\s]+", value) if isinstance(value, str) else value


def decode(value: object) -> object:
    """Read a variable's JSON; a file gives the table itself."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not JSON: {error}") from error


def _off_when_empty(value: object) -> object:
    return None if value == "" else value


def _none_when_zero(value: object) -> object:
    return None if value in (0, "0", "") and value is not False else value


LISTED = BeforeValidator(_split)
DECODED = BeforeValidator(decode)
OFF_WHEN_EMPTY = BeforeValidator(_off_when_empty)
NONE_WHEN_ZERO = BeforeValidator(_none_when_zero)

Listener = Annotated[Endpoint, PlainValidator(_endpoint)]
Resolver = Annotated[Endpoint, PlainValidator(_resolver)]
Rule = Annotated[TransferRule, PlainValidator(_transfer_rule)]
Network = Annotated[IPv4Network | IPv6Network, PlainValidator(_network)]
Secret = Annotated[bytes, PlainValidator(_secret)]
Folder = Annotated[Path, PlainValidator(_folder)]
HostName = Annotated[str, AfterValidator(_host_name)]
Contact = Annotated[str, AfterValidator(_contact)]
Server = Annotated[str, AfterValidator(_server)]
Origin = Annotated[str, AfterValidator(_origin)]
PublicUrl = Annotated[str, AfterValidator(_public_url)]
