"""What the log says, as tests ask it."""

import json
from typing import Any

from audit.models import Entry


def entries(event: str) -> list[dict[str, Any]]:
    """Every entry of this event, in the order they were written."""
    bodies = Entry.objects.filter(event=event).order_by("xid", "at").values_list("body", flat=True)
    return [json.loads(bytes(body)) for body in bodies]


def last(event: str) -> dict[str, Any]:
    return entries(event)[-1]
