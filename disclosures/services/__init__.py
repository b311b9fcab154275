"""Every write: one use case, one keyword-only function, one durable transaction."""

from .changes import ActionRefused
from .expiring import expire_due
from .steps import perform

__all__ = ["ActionRefused", "expire_due", "perform"]
