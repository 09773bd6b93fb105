"""The provisioning APIs that are compared: create a zone, create a record, import many."""

from abc import ABC, abstractmethod
from typing import Any, NoReturn

from bench import corpus
from bench.error import BenchError
from bench.http import HttpClient, decoded, encoded


class Api(ABC):
    """One caller with its own connection. Zone names are given without the closing dot."""

    def __init__(self, port: int, credential: str) -> None:
        self.http = HttpClient(port, self.headers(credential))

    @abstractmethod
    def headers(self, credential: str) -> dict[str, str]: ...

    @abstractmethod
    async def is_up(self) -> bool: ...

    @abstractmethod
    async def create_zone(self, domain: str) -> str:
        """The zone's handle for the other calls."""

    @abstractmethod
    async def create(self, zone: str, label: str, address: str) -> bool:
        """Create an A record; whether it was taken."""

    @abstractmethod
    async def bulk(self, zone: str, domain: str, count: int, prefix: str) -> None:
        """Put `count` A records into the zone in one call."""

    async def close(self) -> None:
        await self.http.close()


class VpsApi(Api):
    """Ours, in the dialect of VPS.org; many records come as a master file."""

    def headers(self, credential: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {credential}"}

    async def is_up(self) -> bool:
        return (await self.http.call("GET", "/api/v1/account/me/"))[0] == 200

    async def create_zone(self, domain: str) -> str:
        body = encoded({"domain": domain})
        status, answer = await self.http.call("POST", "/api/v1/dns-zones/", body)
        if status != 201:
            _refused(status, answer)
        return str(decoded(answer)["uuid"])

    async def find_zone(self, domain: str) -> str:
        status, answer = await self.http.call("GET", f"/api/v1/dns-zones/?domain={domain}")
        if status != 200 or not (found := decoded(answer)):
            _refused(status, answer)
        return str(found[0]["uuid"])

    async def create(self, zone: str, label: str, address: str) -> bool:
        body = encoded({"record_type": "A", "name": label, "value": address, "ttl": 300})
        status, _ = await self.http.call("POST", f"/api/v1/dns-zones/{zone}/records/", body)
        return status == 201

    async def bulk(self, zone: str, domain: str, count: int, prefix: str) -> None:
        text = "\n".join(corpus.master_lines(f"{domain}.", count, prefix)) + "\n"
        path = f"/api/v1/dns-zones/{zone}/zonefile/"
        status, answer = await self.http.call("PUT", path, text.encode(), "text/dns")
        if status != 200:
            _refused(status, answer)


class PdnsApi(Api):
    """PowerDNS' own: every change is a PATCH of RRsets."""

    def headers(self, credential: str) -> dict[str, str]:
        return {"X-API-Key": credential}

    async def is_up(self) -> bool:
        return (await self.http.call("GET", "/api/v1/servers/localhost"))[0] == 200

    async def create_zone(self, domain: str) -> str:
        servers = [f"ns1.{domain}.", f"ns2.{domain}."]
        body = encoded({"name": f"{domain}.", "kind": "Native", "nameservers": servers})
        status, answer = await self.http.call("POST", "/api/v1/servers/localhost/zones", body)
        if status != 201:
            _refused(status, answer)
        return f"{domain}."

    async def create(self, zone: str, label: str, address: str) -> bool:
        return (await self._patch(zone, [_rrset(f"{label}.{zone}", address)]))[0] == 204

    async def bulk(self, zone: str, domain: str, count: int, prefix: str) -> None:
        names = (f"{prefix}{number}.{domain}." for number in range(count))
        rrsets = [_rrset(name, "10.0.0.1") for name in names]
        status, answer = await self._patch(zone, rrsets)
        if status != 204:
            _refused(status, answer)

    async def _patch(self, zone: str, rrsets: list[dict[str, Any]]) -> tuple[int, bytes]:
        path = f"/api/v1/servers/localhost/zones/{zone}"
        return await self.http.call("PATCH", path, encoded({"rrsets": rrsets}))


def _rrset(name: str, address: str) -> dict[str, Any]:
    return {
        "name": name,
        "type": "A",
        "ttl": 300,
        "changetype": "REPLACE",
        "records": [{"content": address, "disabled": False}],
    }


def _refused(status: int, answer: bytes) -> NoReturn:
    raise BenchError(f"the API answered {status}: {answer[:200].decode(errors='replace')}")
