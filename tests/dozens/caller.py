"""A caller of the Dozens API: plain requests, nothing interpreted."""

import json
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any

from nsd.store import dozens_tokens
from tests.live.http import PATIENCE, Reply
from tests.live.server import Server

JSON = "application/json"
XML = "application/xml"


@dataclass(frozen=True, slots=True)
class Dozens:
    """Calls paths below `/api` with a token."""

    port: int
    token: str = ""

    def call(
        self, method: str, path: str, body: bytes | str = b"", *, kind: str = JSON, **headers: str
    ) -> Reply:
        sent = {"X-Auth-Token": self.token, "Content-Type": kind}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        octets = body.encode() if isinstance(body, str) else body
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(
                method, path if "://" in path else f"/api/{path}", octets or None, sent
            )
            response = connection.getresponse()
            return Reply(response.status, response.msg, response.read())
        finally:
            connection.close()

    def get(self, path: str) -> Any:
        return self.call("GET", path).expect(200)

    def post(self, path: str, **members: object) -> Any:
        return self.call("POST", path, json.dumps(members)).expect(200)

    def delete(self, path: str) -> Any:
        return self.call("DELETE", path).expect(200)

    def refused(self, status: int, method: str, path: str, **members: object) -> dict[str, Any]:
        """Give the error of a call that must be refused with this status."""
        body = json.dumps(members) if members else ""
        error: dict[str, Any] = self.call(method, path, body).expect(status)
        assert error["code"] == str(status), error
        assert isinstance(error["message"], str), error
        assert error.keys() <= {"code", "message", "detail"}, error
        return error

    def zone_id(self, name: str) -> str:
        (found,) = [zone["id"] for zone in self.get("zone.json")["domain"] if zone["name"] == name]
        return str(found)


def authorized(server: Server, name: str) -> Dozens:
    """Give a caller with a new key and a new token of a user."""
    with server.database() as connection:
        key = dozens_tokens.new_key(connection, name)
    reply = Dozens(server.http_port).call("GET", "authorize.json", X_Auth_User=name, X_Auth_Key=key)
    return Dozens(server.http_port, reply.expect(200)["auth_token"])
