"""Receipts: that this release or refusal stands in the log, for whoever asked, to be checked without us."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.models import User
from audit.entries import Actor, Seen, append
from audit.models import Entry
from audit.proof import TilesMissing
from audit.proving import CannotProve, prove_entry

from ..models import Request, Step
from ..permissions import role_behind
from ..states import STATE_WORDS, Perm, State
from .doors import NotThere
from .opening import OpenedRequest

# Entering one of these is an answer to whoever asked.
ANSWERS = (State.RELEASED, State.REFUSED, State.EMERGENCY_RELEASED)


class NotProvedYet(Exception):
    """The entry has no place in a signed tree yet, or the tree does not bear it out; the text says which."""


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    version: int
    words: str
    at: datetime


def receipts_of(opened: OpenedRequest) -> Sequence[ReceiptLine]:
    """Of what was opened anyway; whether the log has signed it yet is asked when one is fetched."""
    return [
        ReceiptLine(step.version, STATE_WORDS[State(step.target)], step.at)
        for step in opened.steps
        if step.target in ANSWERS and step.source != step.target
    ]


def receipt_of(request: Request, version: int, *, actor: User, perm: Perm, now: datetime) -> str:
    """The file (C2SP tlog-proof, the entry inside), for somebody who came through `request_for` with `perm`.

    `receipt.downloaded` is written first. Raises NotThere, and NotProvedYet for a step that the log has not signed.
    """
    answered = Step.objects.filter(request=request, version=version, target__in=ANSWERS)
    told = Entry.objects.filter(
        object_type="request", object_ref=request.reference, object_version=version
    ).values_list("id", flat=True)
    entry_id = told.first() if answered.exists() else None
    if entry_id is None:
        raise NotThere
    with transaction.atomic(durable=True):
        append(
            event="receipt.downloaded",
            actor=Actor(actor.ref, role_behind(actor, request, perm, now)),
            obj=Seen("request", request.reference, request.version),
            log=request.log,
            detail={"as_of": now.isoformat(timespec="seconds"), "version": version},
        )
    try:
        return prove_entry(request.log, entry_id).text()
    except CannotProve:
        raise NotProvedYet(
            "The log has not signed this step yet. That takes a second or two: try again."
        ) from None
    except TilesMissing:
        raise NotProvedYet(
            "The log cannot prove this step: its tree is damaged. Tell the head of legal."
        ) from None
