"""A caller of the VPS.org API: plain requests, nothing followed, nothing interpreted."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPMessage
from typing import Any

PREFIX = "/api/v1"
PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Reply:
    """A response as it came."""

    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        assert self.headers.get_content_type() == "application/json", self
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()

    def expect(self, status: int) -> Any:
        """Give the JSON of a reply with this status; fail with the whole reply for another."""
        self.expect_status(status)
        return self.json if self.body else None

    def expect_status(self, status: int) -> None:
        assert self.status == status, self

    def refusal(self, status: int, code: str, field: str | None = None) -> str:
        """Give the detail of an error of this shape."""
        content = self.expect(status)
        wanted = {"error_code": code} | ({} if field is None else {"field": field})
        assert {**wanted, "detail": content["detail"]} == content, self
        assert isinstance(content["detail"], str), self
        assert content["detail"], self
        return content["detail"]


@dataclass(frozen=True, slots=True)
class Caller:
    """Calls paths below `/api/v1`, with a token or without one."""

    port: int
    token: str | None = None

    def get(self, path: str, **headers: str) -> Reply:
        return self.call("GET", path, headers=headers)

    def post(self, path: str, content: object) -> Reply:
        return self.send_json("POST", path, content)

    def put(self, path: str, content: object) -> Reply:
        return self.send_json("PUT", path, content)

    def patch(self, path: str, content: object) -> Reply:
        return self.send_json("PATCH", path, content)

    def delete(self, path: str) -> Reply:
        return self.call("DELETE", path)

    def put_zone_file(self, uuid: str, text: str) -> Reply:
        headers = {"Content-Type": "text/dns"}
        return self.call("PUT", f"/dns-zones/{uuid}/zonefile/", text.encode(), headers)

    def send_json(self, method: str, path: str, content: object) -> Reply:
        body = json.dumps(content).encode()
        return self.call(method, path, body, {"Content-Type": "application/json"})

    def call(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Make one call on a connection of its own."""
        authorization = {} if self.token is None else {"Authorization": f"Bearer {self.token}"}
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, PREFIX + path, body, {**authorization, **(headers or {})})
            response = connection.getresponse()
            return Reply(response.status, response.msg, response.read())
        finally:
            connection.close()
