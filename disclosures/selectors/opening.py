"""The only place where sealed values open. The entry that says who looked is committed first."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models, transaction

from accounts.models import User
from audit.entries import Actor, Seen, append
from audit.models import Log
from sealing.fields import Sealed, SealedField
from sealing.opening import open_many

from ..models import (
    AccessRequest,
    AuditPack,
    CellMember,
    Comment,
    CompartmentMember,
    Correspondence,
    Delivery,
    Document,
    DocumentContent,
    Extension,
    HoldLine,
    HoldTask,
    InterceptionClearance,
    Item,
    LetterMail,
    Officer,
    Request,
    SearchRecord,
    SearchTask,
    SecrecyEnd,
)
from ..permissions import role_behind
from ..states import Perm
from .rows import (
    Rows,
    agency_notices_of,
    messages_of,
    period_events_of,
    permissions_of,
    rows_of_people,
    subject_notices_of,
)


class Opened:
    """A row together with its opened texts: `row.name` is the text, everything else is the row's own."""

    def __init__(self, row: models.Model, texts: Mapping[str, str]) -> None:
        self.row = row
        self._texts = texts

    def __getattr__(self, name: str) -> Any:
        texts = self.__dict__.get("_texts", {})
        return texts[name] if name in texts else getattr(self.__dict__["row"], name)


@dataclass(frozen=True, slots=True)
class OpenedRequest:
    """All that is asked, by whom and about whom, and all that was said of it, in clear."""

    request: Opened
    instrument: Opened | None
    officers: Mapping[str, Opened]
    subjects: list[Opened]
    items: list[Opened]
    evidence: list[Opened]
    records: list[Opened]
    decisions: list[Opened]
    assessments: list[Opened]
    opinions: list[Opened]
    letters: list[Opened]
    steps: list[Opened]
    exclusions: list[Opened]
    documents: list[Opened]
    correspondence: list[Opened]
    comments: list[Opened]
    messages: list[Opened]
    read_out: list[Opened]
    applications: list[Opened]
    deliveries: list[Opened]
    permissions: list[Opened]
    agency_notices: list[Opened]
    told: list[Opened]
    period_events: list[Opened]


def open_request(
    request: Request,
    *,
    actor: User,
    now: datetime,
    people: Collection[int] | None = None,
    rows: Rows | None = None,
    roles: frozenset[str] | None = None,
) -> OpenedRequest:
    """Opens a request for a person who came through `request_for` with the permission to see it.

    Writes `request.viewed` before anything is opened. `people`: only these subjects (by id) are opened, with what
    was searched and decided of them; a request names up to two thousand. `rows` and `roles` as in `facts_for`.
    """
    role = role_behind(actor, request, Perm.VIEW, now, held=roles)
    _looked("request.viewed", request, Actor(actor.ref, role), _at(now))
    return _open_all(request, people, rows)


def open_parts(request: Request, rows: Sequence[models.Model], *, actor: User, now: datetime) -> list[Opened]:
    """Some rows of a request that stand on a page of their own; `request.viewed` is written first."""
    role = role_behind(actor, request, Perm.VIEW, now)
    _looked("request.viewed", request, Actor(actor.ref, role), _at(now))
    return _open_rows(list(rows), request)


def open_finds(request: Request, item: Item, *, actor: User, now: datetime) -> list[Opened]:
    """Every search record of one item, for the reviewer who decides on a whole group of people."""
    role = role_behind(actor, request, Perm.REVIEW, now)
    _looked("request.viewed", request, Actor(actor.ref, role), _at(now))
    return _open_rows(list(SearchRecord.objects.filter(request=request, item=item).order_by("id")), request)


def open_own(
    request: Request, *, actor: User, now: datetime, people: Collection[int] | None = None, form: str = ""
) -> OpenedRequest:
    """Opens a company's request for one of its own people, who came through `request_for`; `people` as above."""
    role = role_behind(actor, request, Perm.FOLLOW, now)
    _looked("request.viewed", request, Actor(actor.ref, role), _at(now, form))
    return _open_all(request, people, told=False)


def open_for_record(request: Request, *, actor: User, now: datetime, form: str) -> tuple[OpenedRequest, str]:
    """As `open_request`, to be taken along as a file: `record.exported`. Also the role that lets them."""
    role = role_behind(actor, request, Perm.VIEW, now)
    _looked("record.exported", request, Actor(actor.ref, role), _at(now, form))
    return _open_all(request), role


def open_members(request: Request, *, actor: User, now: datetime) -> list[Opened]:
    """The members of today, and those whose time is still to come, with the reasons why each was let in."""
    role = role_behind(actor, request, Perm.RESTRICT, now)
    _looked("request.viewed", request, Actor(actor.ref, role), _at(now))
    members = CompartmentMember.objects.filter(request=request)
    rows = members.valid_at(now) | members.still_to_come(now)
    return _open_rows(list(rows.select_related("user", "added_by").order_by("id")), request)


def open_secrecy_ends(request: Request, *, actor: User, now: datetime) -> list[Opened]:
    """What was proposed and decided about the end of its secrecy, the newest first."""
    role = role_behind(actor, request, Perm.VIEW, now)
    _looked("request.viewed", request, Actor(actor.ref, role), _at(now))
    rows = SecrecyEnd.objects.filter(request=request).select_related("proposed_by", "decided_by")
    return _open_rows(list(rows.order_by("-id")), request)


@dataclass(frozen=True, repr=False)
class OpenedForIndexes:
    return_address: str
    officers: Mapping[str, Opened]


def open_for_indexes(request: Request) -> OpenedForIndexes:
    """What blind indexes are made of. Nobody looks, so no view is entered: the change that needs it has its own entry."""
    officers = _open_rows(list(Officer.objects.filter(request=request).order_by("id")), request)
    (address,) = open_many([request.return_address], under=request.data_key_id)
    return OpenedForIndexes(address, {officer.part: officer for officer in officers})


def open_extensions(request: Request, *, actor: User, now: datetime) -> list[Opened]:
    """What moved the clocks by hand, with the issuer's letters and the reasons; the newest first."""
    role = role_behind(actor, request, Perm.TIME, now)
    _looked("request.viewed", request, Actor(actor.ref, role), _at(now))
    rows = Extension.objects.filter(request=request).select_related("given_by")
    return _open_rows(list(rows.order_by("-id")), request)


def open_cells(cells: Collection[str], *, actor: User, now: datetime) -> list[Opened]:
    """Who stands in these cells, or will, with the reasons; `cells.viewed` is written first."""
    with transaction.atomic():
        detail = {**_at(now), "cells": sorted(map(str, cells))}
        append(event="cells.viewed", actor=Actor(actor.ref), detail=detail)
    rows = CellMember.objects.filter(cell__in=cells, ended_at=None).select_related("user", "added_by")
    found = list(rows.order_by("id"))
    return [
        Opened(row, {"reason": reason})
        for row, reason in zip(found, open_many(row.reason for row in found), strict=True)
    ]


def open_interception(rows: Sequence[InterceptionClearance], *, actor: User, now: datetime) -> list[Opened]:
    """Clearances with the vetting they rest on; `interception_clearances.viewed` is written first, in `sealed`."""
    with transaction.atomic():
        told: dict[str, str | int] = {**_at(now), "clearances": len(rows)}
        append(event="interception_clearances.viewed", actor=Actor(actor.ref), log=Log.SEALED, detail=told)
    texts = open_many(row.vetting for row in rows)
    return [Opened(row, {"vetting": text}) for row, text in zip(rows, texts, strict=True)]


def open_access(access: AccessRequest, *, actor: User, now: datetime, form: str = "") -> Opened:
    """A person's own request in clear, for whoever works it; `access.viewed` is written first."""
    return open_access_parts(access, [access], actor=actor, now=now, form=form)[0]


def open_access_parts(
    access: AccessRequest, rows: Sequence[models.Model], *, actor: User, now: datetime, form: str = ""
) -> list[Opened]:
    """Some rows of it that stand on a page of their own."""
    with transaction.atomic():
        seen = Seen("access_request", access.ref, access.version)
        append(event="access.viewed", actor=Actor(actor.ref), obj=seen, detail=_at(now, form))
    return _open_rows(list(rows), access)


def open_content(
    request: Request, document: Document, held: DocumentContent, *, actor: User, now: datetime
) -> tuple[str, str]:
    """The name and the sealed text of one document; `document.downloaded` is written before they open."""
    role = role_behind(actor, request, Perm.VIEW, now)
    detail = {**_at(now), "document": document.reference}
    _looked("document.downloaded", request, Actor(actor.ref, role), detail)
    name, content = open_many([document.name, held.content], under=request.data_key_id)
    return name, content


def open_search(
    task: SearchTask, *, actor: User, now: datetime, people: Collection[int] | None = None, form: str = ""
) -> tuple[list[Opened], dict[int, Opened], dict[int, Opened]]:
    """A data holder's view: the task's records, its subjects and its items; never the investigation.

    `people`: of these subjects (by id) alone.
    """
    role = role_behind(actor, task.request, Perm.SEARCH, now)
    _looked("search.viewed", task.request, Actor(actor.ref, role), {**_at(now, form), "task": task.reference})
    rows = SearchRecord.objects.filter(task=task).order_by("subject__position", "item__position")
    if people is not None:
        rows = rows.filter(subject__in=people)
    records = list(rows.select_related("item", "subject"))
    subjects = {record.subject_id: record.subject for record in records}
    items = {record.item_id: record.item for record in records}
    opened = _open_rows([*records, *subjects.values(), *items.values()], task.request)
    split = len(records)
    people = dict(zip(subjects, opened[split : split + len(subjects)], strict=True))
    things = dict(zip(items, opened[split + len(subjects) :], strict=True))
    return opened[:split], people, things


def open_hold(
    task: HoldTask, *, actor: User, now: datetime
) -> tuple[Opened, list[HoldLine], dict[int, Opened], dict[int, Opened]]:
    """A data holder's view: the hold, its lines, its subjects and its items; never the investigation."""
    role = role_behind(actor, task.request, Perm.KEEP, now)
    _looked("hold.viewed", task.request, Actor(actor.ref, role), {"task": task.reference})
    rows = HoldLine.objects.filter(task=task).order_by("subject__position", "item__position")
    lines = list(rows.select_related("item", "subject"))
    subjects = {line.subject_id: line.subject for line in lines}
    items = {line.item_id: line.item for line in lines}
    opened = _open_rows([task, *subjects.values(), *items.values()], task.request)
    people = dict(zip(subjects, opened[1 : 1 + len(subjects)], strict=True))
    return opened[0], lines, people, dict(zip(items, opened[1 + len(subjects) :], strict=True))


def open_password(request: Request, mail: LetterMail, *, actor: User, now: datetime) -> Opened:
    """Whither a letter was mailed and with which password, for whoever tells it by telephone."""
    (opened,) = open_parts(request, [mail], actor=actor, now=now)
    return opened


def open_to_send(mail: LetterMail) -> str:
    """The mailbox alone, for the worker that hands the mail over; its leaving has an entry of its own."""
    (address,) = open_many([mail.address])
    return address


def digests_of(values: Sequence[Sealed | None], *, of: Request) -> list[tuple[str, int]]:
    """Of each text its SHA-256 in hex and its length: what is kept of a copy that is destroyed. Shows nobody a text."""
    texts = open_many(values, under=of.data_key_id)
    return [(hashlib.sha256(text.encode()).hexdigest(), len(text)) for text in texts]


def open_pack(pack: AuditPack, *, sealed: bool, actor: User) -> str:
    """One archive of an audit pack, for the auditor who asked for it; `audit_pack.downloaded` is written first."""
    with transaction.atomic():
        append(
            event="audit_pack.downloaded",
            actor=Actor(actor.ref),
            obj=Seen("audit_pack", pack.ref, pack.version),
            log=pack.log,
            detail={"archive": "sealed" if sealed else "main"},
        )
    value = pack.sealed_content if sealed else pack.content
    return open_many([value])[0] if value is not None else ""


def _at(now: datetime, form: str = "") -> dict[str, str]:
    """When, and where it was taken along as a file, in which form."""
    return {"as_of": now.isoformat(timespec="seconds"), **({"form": form} if form else {})}


def _looked(event: str, request: Request, actor: Actor, detail: dict[str, str]) -> None:
    """Committed before anything is opened, unless the caller is inside a transaction of its own."""
    with transaction.atomic():
        seen = Seen("request", request.reference, request.version)
        append(event=event, actor=actor, obj=seen, log=request.log, detail=detail)


def _open_all(
    request: Request,
    people: Collection[int] | None = None,
    shared: Rows | None = None,
    *,
    told: bool = True,
) -> OpenedRequest:
    """`told`: with what is told to the person; a company reads none of it. `shared`: rows that a page needs whole anyway, from which those of the shown people are taken."""
    mine = {"request": request}
    rows = shared or Rows(request, named=True)
    if people is not None and shared is None:
        rows = rows_of_people(request, people)
    shown = set(people) if people is not None else {subject.pk for subject in rows.subjects}
    items, governing = rows.items, rows.governing
    groups: list[list[models.Model]] = [
        [request],
        list(governing),
        list(rows.officers),
        [row for row in rows.subjects if row.pk in shown],
        list(items),
        list(rows.evidence),
        [row for row in rows.records if row.subject_id in shown],
        [row for row in rows.decisions if row.subject_id in shown],
        list(rows.assessments),
        list(rows.opinions),
        list(rows.letters),
        list(rows.steps),
        list(rows.exclusions),
        list(Document.objects.filter(**mine).select_related("attached_by").order_by("id")),
        list(Correspondence.objects.filter(**mine).select_related("recorded_by").order_by("-at", "-id")),
        list(Comment.objects.filter(**mine).select_related("written_by").order_by("-id")),
        messages_of(request),
        list(rows.read_out),
        list(rows.applications),
        list(Delivery.objects.filter(**mine).select_related("recorded_by").order_by("id")),
        permissions_of(request, items),
        agency_notices_of(request, governing),
        subject_notices_of(request) if told else [],
        period_events_of(request, governing),
    ]
    opened = iter(_open_rows([row for rows in groups for row in rows], request))
    parts = [[next(opened) for _ in rows] for rows in groups]
    return OpenedRequest(
        request=parts[0][0],
        instrument=parts[1][0] if parts[1] else None,
        officers={officer.part: officer for officer in parts[2]},
        subjects=parts[3],
        items=parts[4],
        evidence=parts[5],
        records=parts[6],
        decisions=parts[7],
        assessments=parts[8],
        opinions=parts[9],
        letters=parts[10],
        steps=parts[11],
        exclusions=parts[12],
        documents=parts[13],
        correspondence=parts[14],
        comments=parts[15],
        messages=parts[16],
        read_out=parts[17],
        applications=parts[18],
        deliveries=parts[19],
        permissions=parts[20],
        agency_notices=parts[21],
        told=parts[22],
        period_events=parts[23],
    )


def _open_rows(rows: list[models.Model], of: Request | AccessRequest) -> list[Opened]:
    """Opens every sealed column of the rows; all their keys are read in one query, and are the request's or below it."""
    places = [(index, name, value) for index, row in enumerate(rows) for name, value in _sealed(row)]
    texts: list[dict[str, str]] = [dict.fromkeys(_sealed_names(row), "") for row in rows]
    for (index, name, _), text in zip(
        places, open_many((value for _, _, value in places), under=of.data_key_id), strict=True
    ):
        texts[index][name] = text
    return [Opened(row, own) for row, own in zip(rows, texts, strict=True)]


def _sealed_names(row: models.Model) -> list[str]:
    return [field.attname for field in row._meta.concrete_fields if isinstance(field, SealedField)]


def _sealed(row: models.Model) -> Iterable[tuple[str, Sealed]]:
    for name in _sealed_names(row):
        value = getattr(row, name)
        if value is not None:
            yield name, value
