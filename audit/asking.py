"""Asking another server, at the address that was set for it and at no other that it names: a redirect is not followed."""

from http.client import HTTPResponse
from typing import Any, cast
from urllib.request import HTTPRedirectHandler, Request, build_opener


class _Straight(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """None leaves the 3xx to whoever handles errors."""


def ask(request: Request, *, timeout: float) -> HTTPResponse:
    """Raises `HTTPError` for every answer but a good one, `OSError` where there is none."""
    return cast(HTTPResponse, build_opener(_Straight).open(request, timeout=timeout))
