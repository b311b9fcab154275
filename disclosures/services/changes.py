"""What every write shares: one durable transaction, the lock, the version, the entry, and the refusal."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import wraps
from typing import Any, NoReturn, ParamSpec, TypeVar

from django.db import transaction

from accounts.models import User
from audit.entries import SYSTEM, Actor, Changed, Seen, append
from audit.nudge import nudge as nudge_sequencer
from sealing.models import DataKey

from ..models import Request
from ..permissions import may, role_behind
from ..selectors import NotThere
from ..states import Perm
from ..workflow import Objection

Args = ParamSpec("Args")
Result = TypeVar("Result")


class ActionRefused(Exception):
    """The step may not be taken; `sentences` are all the reasons, as the person will read them.

    `detail` is for the log alone: codes, never words.
    """

    def __init__(
        self,
        request: Request,
        actor: User | None,
        what: str,
        objections: Iterable[Objection],
        detail: Mapping[str, str] | None = None,
    ) -> None:
        self.request, self.actor, self.what = request, actor, what
        self.objections, self.detail = tuple(objections), dict(detail or {})
        super().__init__(f"{what} refused: {', '.join(objection.guard for objection in self.objections)}")

    @property
    def sentences(self) -> tuple[str, ...]:
        return tuple(objection.sentence for objection in self.objections)


def use_case(function: Callable[Args, Result]) -> Callable[Args, Result]:
    """One durable transaction. A refusal undoes everything and leaves its own entry, which is committed."""

    @wraps(function)
    def run(*args: Args.args, **kwargs: Args.kwargs) -> Result:
        with transaction.atomic(durable=True):
            try:
                with transaction.atomic():
                    result = function(*args, **kwargs)
            except ActionRefused as caught:
                refused = caught
                _append_denial(refused)
            else:
                nudge_sequencer()
                return result
        raise refused

    return run


def locked(request_id: int, *, stones: bool = False) -> Request:
    """The request, locked until the transaction ends. Lock order: request, deadline, the rest.

    What is left of a destroyed one is not there for any change: `stones` is for the job that destroys.
    """
    rows = Request.objects.select_for_update(no_key=True, of=("self",)).select_related("data_key")
    found = rows.filter(pk=request_id).first()
    if found is None or (found.disposed_at is not None and not stones):
        raise NotThere
    return found


def demand(request: Request, actor: User, perm: Perm, now: datetime) -> str:
    """The grant, checked again under the lock. Returns the role behind it, for the log. Raises NotThere."""
    if not may(actor, request.reference, perm, now):
        raise NotThere
    return role_behind(actor, request, perm, now)


def record_change(
    request: Request,
    *,
    event: str,
    actor: User | None,
    role: str,
    now: datetime,
    fields: Iterable[str] = (),
    detail: Mapping[str, Any] | None = None,
    commits: Mapping[str, str] | None = None,
    key: DataKey | None = None,
) -> None:
    """Saves the request's changed fields with its next version, and appends the entry that says so.

    Every audited change calls this exactly once, last.
    """
    request.version += 1
    request.save(update_fields=[*fields, "version", "due_on", "due_at"])
    append(
        event=event,
        actor=Actor(actor.ref, role) if actor else SYSTEM,
        obj=Changed("request", request.reference, request.version),
        log=request.log,
        detail={"as_of": now.isoformat(timespec="seconds"), **(detail or {})},
        commits=commits,
        key=key or request.data_key,
    )


def refuse(
    request: Request,
    actor: User | None,
    what: str,
    *objections: tuple[str, str],
    detail: Mapping[str, str] | None = None,
) -> ActionRefused:
    """A refusal outside the table, in the same form: (name of the rule, sentence)."""
    return ActionRefused(request, actor, what, [Objection(*objection) for objection in objections], detail)


def turn_away(refused: ActionRefused) -> NoReturn:
    """A refusal before any use case has begun: there is nothing to undo, and its entry is committed."""
    with transaction.atomic(durable=True):
        _append_denial(refused)
    raise refused


def _append_denial(refused: ActionRefused) -> None:
    """A request that was refused while it was being registered is not there to be named."""
    request = refused.request
    version = Request.objects.filter(pk=request.pk).values_list("version", flat=True).first()
    append(
        event="request.step_denied",
        actor=Actor(refused.actor.ref) if refused.actor else SYSTEM,
        obj=Seen("request", request.reference, version) if version else None,
        log=request.log,
        detail={
            "action": refused.what,
            "objections": [objection.guard for objection in refused.objections],
            **refused.detail,
        },
    )
