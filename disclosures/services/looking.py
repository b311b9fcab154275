"""A search through the requests is in the log: by which filters, never what was typed or found."""

from collections.abc import Mapping

from django.db import transaction

from accounts.models import User
from audit.entries import Actor, append
from audit.nudge import nudge


@transaction.atomic(durable=True)
def note_search(*, actor: User, filters: Mapping[str, str | bool], typed: bool) -> None:
    """`typed`: words that are no reference, which may be anything. A reference leaves an entry of its own."""
    detail = {**filters, **({"typed": True} if typed else {})}
    append(event="requests.searched", actor=Actor(actor.ref), detail=detail)
    transaction.on_commit(nudge)
