"""Every read. Lists begin at `visible_to`, a single request at `request_for`; sealed values open in `opening`."""

from .doors import (
    NotThere,
    hold_task_for,
    holds_visible_to,
    request_for,
    search_task_for,
    searches_visible_to,
    visible_to,
)

__all__ = [
    "NotThere",
    "hold_task_for",
    "holds_visible_to",
    "request_for",
    "search_task_for",
    "searches_visible_to",
    "visible_to",
]
