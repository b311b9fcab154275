"""The two doors to requests: one for lists, one for a single request. There is no third."""

import hashlib
import hmac
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import TypeVar

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from accounts.selectors import group_ids_of, is_controller_staff
from audit.entries import Actor, append

from ..models import Exclusion, HoldTask, Request, RequestGroupGrant, SearchTask
from ..permissions import may, named, permission_ids
from ..states import Perm

Task = TypeVar("Task", SearchTask, HoldTask)

HOLD_IS_SHOWN = timedelta(days=30)  # after its end, to whoever lifts it


class NotThere(LookupError):
    """Missing or forbidden: nobody is told which."""


def visible_to(user: User, now: datetime, *, groups: Collection[int] | None = None) -> QuerySet[Request]:
    """The requests this person may see. Every list begins here.

    Staff of the controller see nearly all, so their rows are probed one by one down the queue's
    index; a company sees few of many, so its list of references drives the query. `groups`: the person's own, if known.
    """
    view = permission_ids()[Perm.VIEW]
    groups = group_ids_of(user, now) if groups is None else groups
    by_group = RequestGroupGrant.objects.filter(permission_id=view, group_id__in=groups)
    by_name = named(user, now).filter(permission_id=view)
    if is_controller_staff(user, now):
        mine = {"content_object_id": OuterRef("reference")}
        seen = Q(Exists(by_group.filter(**mine))) | Q(Exists(by_name.filter(**mine)))
    else:
        seen = Q(reference__in=by_group.values("content_object_id")) | Q(
            reference__in=by_name.values("content_object_id")
        )
    excluded = Exclusion.objects.filter(user=user, request=OuterRef("pk"))
    return Request.objects.filter(seen, ~Exists(excluded))


def request_for(user: User, reference: str, perm: Perm, now: datetime, *, stones: bool = False) -> Request:
    """The request, if this person holds `perm` on it. The permission is looked up first, the object second.

    What is left of a destroyed one has a page of its own and no other: `stones` asks for it. Raises NotThere, after an `access.missed` entry that is the same for a forbidden and a missing one.
    """
    if may(user, reference, perm, now):
        found = Request.objects.select_related("data_key", "body", "assignee", "recorded_by").filter(
            reference=reference
        )
        request = found.first()
        if request is not None and (stones or request.disposed_at is None):
            return request
    _missed(user, reference)
    raise NotThere


def search_task_for(user: User, reference: str, now: datetime) -> SearchTask:
    """A data holder's task, if they may search for its request. Raises NotThere like `request_for`."""
    return _task_for(user, reference, now, kind=SearchTask, perm=Perm.SEARCH, visible=searches_visible_to)


def searches_visible_to(user: User, now: datetime) -> QuerySet[SearchTask]:
    """The search tasks of requests on which this person holds the permission to search."""
    tasks = SearchTask.objects.filter(*_theirs(user, Perm.SEARCH, now))
    return tasks.select_related("request__data_key", "system")


def hold_task_for(user: User, reference: str, now: datetime) -> HoldTask:
    """A data holder's hold, if it is theirs to keep. Raises NotThere like `request_for`."""
    return _task_for(user, reference, now, kind=HoldTask, perm=Perm.KEEP, visible=holds_visible_to)


def holds_visible_to(user: User, now: datetime) -> QuerySet[HoldTask]:
    """The holds of requests on which this person may keep data: while they last or are not confirmed, and a month on."""
    shown = Q(ended_at=None) | Q(confirmed_at=None) | Q(ended_at__gt=now - HOLD_IS_SHOWN)
    tasks = HoldTask.objects.filter(*_theirs(user, Perm.KEEP, now), shown)
    return tasks.select_related("request__data_key", "system")


def _task_for(
    user: User,
    reference: str,
    now: datetime,
    *,
    kind: type[Task],
    perm: Perm,
    visible: Callable[[User, datetime], QuerySet[Task]],
) -> Task:
    """The permission is asked for in any case, of what is no request's reference where there is no task either.

    Asked in the query that finds the task, it took some 40 µs longer for a task of a restricted request than for none
    (docs/timing.md).
    """
    whose = kind.objects.filter(reference=reference).values_list("request__reference", flat=True).first()
    if may(user, whose or reference, perm, now):
        task = visible(user, now).filter(reference=reference).first()
        if task is not None:
            return task
    _missed(user, reference)
    raise NotThere


def _theirs(user: User, perm: Perm, now: datetime) -> tuple[Q, Q]:
    """For rows of a request: this person holds the permission on it, and is not excluded."""
    mine = {"content_object_id": OuterRef("request__reference"), "permission_id": permission_ids()[perm]}
    by_group = RequestGroupGrant.objects.filter(**mine, group_id__in=group_ids_of(user, now))
    by_name = named(user, now).filter(**mine)
    excluded = Exclusion.objects.filter(user=user, request=OuterRef("request_id"))
    return Q(Exists(by_group)) | Q(Exists(by_name)), ~Q(Exists(excluded))


def _missed(user: User, asked_for: str) -> None:
    key = settings.AUDIT_SESSION_KEY.encode()
    digest = hmac.new(key, asked_for.encode(), hashlib.sha256).hexdigest()
    with transaction.atomic():
        append(event="access.missed", actor=Actor(user.ref), detail={"asked_for": digest})
