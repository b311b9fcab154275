"""What the code that writes entries need not be handed: the session it works for."""

from contextvars import ContextVar

session_digest: ContextVar[str] = ContextVar("session_digest", default="")
