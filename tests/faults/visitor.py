"""A person at a browser without script: cookies, a token in each form, and the two factors of sign-in."""

import base64
import http.client
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode
from uuid import uuid4

import pyotp

from accounts.models import User

PATIENCE = 60


@dataclass(frozen=True)
class Answer:
    status: int
    location: str
    text: str


@dataclass
class Visitor:
    """Requests may run in threads; each has a connection of its own."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, None)

    def post(self, path: str, fields: Mapping[str, str]) -> Answer:
        return self._ask("POST", path, {"csrfmiddlewaretoken": self.cookies["csrftoken"], **fields})

    def take_step(
        self, reference: str, slug: str, *, key: str = "", reason: str = "", seen: str = ""
    ) -> Answer:
        fields = {"key": key or str(uuid4()), "reason": reason, "seen": seen}
        return self.post(f"/requests/{reference}/step/{slug}/", fields)

    def _ask(self, method: str, path: str, fields: Mapping[str, str] | None) -> Answer:
        headers = {
            "Host": f"localhost:{self.port}",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, urlencode(fields) if fields else None, headers)
            got = connection.getresponse()
            self._keep(got.headers.get_all("Set-Cookie", []))
            return Answer(got.status, got.headers.get("Location", ""), got.read().decode())
        finally:
            connection.close()

    def _keep(self, given: list[str]) -> None:
        for line in given:
            if found := re.match(r"(sessionid|csrftoken)=([^;]+)", line):
                self.cookies[found[1]] = found[2]


def secret_of(user: User) -> str:
    """The authenticator key that the person is given at set-up."""
    return base64.b32encode(user.ref.ljust(20, "_").encode()[:20]).decode()


def signed_in(port: int, user: User, password: str) -> Visitor:
    visitor = Visitor(port)
    visitor.get("/account/login/")
    answer = visitor.post("/account/login/", {"login": user.email, "password": password})
    assert answer.location == "/account/2fa/authenticate/", answer
    code = pyotp.TOTP(secret_of(user)).at(int(time.time()))
    answer = visitor.post("/account/2fa/authenticate/", {"code": code})
    assert answer.status == 302, answer
    return visitor
