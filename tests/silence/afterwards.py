"""Public life goes on after a secret one: the same days in both worlds, with the same chance, and what comes of them."""

import io
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from hashlib import sha256
from heapq import nsmallest
from itertools import count, groupby
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from celery import current_app
from django.core import mail
from django.core.mail import EmailMessage
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils.timezone import localdate

from accounts.models import User
from audit import nudge as bell
from audit.models import Checkpoint, Entry, Log
from disclosures.demo import Road
from disclosures.demo_kinds import CompanyRoad
from disclosures.models import Deadline, HeldSystem, HoldTask, OutboxRow, Request, SearchTask
from disclosures.selectors.audit_pack import Period, rank, requests_of
from disclosures.services import extending, following, on_file, recalculating
from disclosures.services.days_off import enter_day_off
from disclosures.services.holding import ask_for_hold
from disclosures.services.searching import ask_for_search
from disclosures.states import State
from tests.audit.conftest import default_connection
from tests.brokers import broker_at
from tests.conftest import Database
from tests.crowd import FIRST
from tests.preserving import preservation
from tests.world import World

from .frozen import standing_still
from .public import Public, sequence
from .watching import Heard, listening

# The demo's walkers and who takes their part now: nobody of them is named to anything.
IN_THEIR_PLACE = {
    "clerk": "intake_clerk", "handler": "handler", "holder": "data_holder", "approver": "approver", "release": "release_officer",
    "lead": "team_lead", "head": "head_of_legal", "dpo": "dpo", "mlro": "mlro", "outsider": "group company",
}  # fmt: skip


# Of those who walked the public roads these are named to no secret one; the lead is, by the standing compartment.
UNCLEARED = frozenset({"auditor", "admin", "outsider"})
# An entry's own number and salts are drawn by chance, and hashes and signatures follow from them. Between two
# public acts the sweep may have drawn for a secret, so of these nothing but the length of the list is compared.
HASH = re.compile(r"[A-Za-z0-9+/=]{43,}")
# A Message-ID is a keyed digest of a promise's key, in which a row number may stand (tests/services/test_notifications.py).
OF_A_MAIL = re.compile(r"={15}\d+==|(?<=Message-ID: <)[0-9a-f]{40}(?=@)")
# Row numbers, by which the worker finds what a promise is about.
NUMBERS = {"request", "deadline", "task", "letter_mail", "run"}


@dataclass(frozen=True)
class Days:
    """What somebody outside can hold against the other world: all of it must be the same.

    `handed_out`: the digests of an auditor's archive and of an export, before anything else happens. `main_log`: its
    entries, transaction by transaction; which of one transaction comes first is chance.
    """

    handed_out: Mapping[str, str]
    mails: tuple[str, ...]
    said: tuple[str, ...]
    rung: tuple[str, ...]
    promised: tuple[str, ...]
    main_log: tuple[tuple[str, ...], ...]
    sizes: tuple[int, ...]
    commands: Mapping[str, str]
    exported: tuple[str, ...]
    public: Public


def live_on(public: Public, database: Database, folder: Path, sheet: Path) -> Days:
    """An auditor's archive, the sweep, the mails, new requests of each kind, notices, a bank holiday; then the exports."""
    heard, at, clerk = Heard(), public.looked_at, "--as=colleague-intake_clerk@desk.example"
    mail.outbox = []
    with ringing():  # the first connection to a broker draws names of its own
        bell.nudge()
    with default_connection(database, "app"), standing_still(at, "an archive"), listening(heard):
        handed_out = _handed_out(public, folder / "before")
    with (
        default_connection(database, "app"),
        standing_still(at, "mails are refused") as chance,
        listening(heard),
        mail_server_away(),
    ):
        commands = {"sweep": _said("sweep")}
        chance.begin("a day in Scotland")
        _an_extra_day(public, "SC")  # where nothing public runs
        commands["sweep after a day in Scotland"] = _said("sweep")
    at += timedelta(minutes=1)
    with (
        default_connection(database, "app"),
        standing_still(at, "mails go again") as chance,
        listening(heard),
        ringing() as rung,
    ):
        commands["retries"] = _said("sweep")
        chance.begin("new requests")
        later = _new_requests(public)
        commands["sweep again"] = _said("sweep")
        chance.begin("a bank holiday")
        _an_extra_day(public, "EW")
        chance.begin("a sheet")
        commands["import"] = _said("import_requests", str(sheet), clerk)
        commands["import again"] = _said("import_requests", str(sheet), clerk)
        commands["last sweep"] = _said("sweep")
        promised = tuple(sorted(_promises(public)))
        mails = tuple(sorted(_mails(public)))
        ready = Client().get("/readyz").content.decode()
    sequence(database)
    with default_connection(database, "app"), standing_still(at, "reading"):
        sizes = tuple(Checkpoint.objects.filter(log=Log.MAIN).order_by("size").values_list("size", flat=True))
        commands |= {"readyz": ready, **_of_the_log(public, sizes[-1], folder / "after")}
        main_log = tuple(_entries())
    return Days(
        handed_out=handed_out,
        mails=mails,
        said=tuple(heard.lines),
        rung=tuple(sorted(set(rung))),
        promised=promised,
        main_log=main_log,
        sizes=sizes,
        commands=commands,
        exported=tuple(_names_in(folder)),
        public=later,
    )


@contextmanager
def mail_server_away() -> Iterator[None]:
    def refused(_mail: EmailMessage, fail_silently: bool = False) -> int:
        raise ConnectionRefusedError("greylisted")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(EmailMessage, "send", refused)
        yield


def _handed_out(public: Public, folder: Path) -> Mapping[str, str]:
    """The archive for an auditor who is not cleared, over all that ever came in, and the main log as a folder."""
    days = ("2020-01-01", localdate(public.looked_at).isoformat())
    auditor = "--as=colleague-auditor@desk.example"
    said = _said(
        "audit_pack",
        *days,
        f"--out={folder / 'pack'}",
        auditor,
        f"--seed={_seed(public.looked_at)}",
        "--sample=2",
    )
    said += _said("audit", "export", str(folder / "log"))
    digests = {"what was said": said.replace(str(folder), "DIR")}
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".zip":
            with ZipFile(path) as archive:
                digests |= {name: sha256(archive.read(name)).hexdigest() for name in archive.namelist()}
        elif path.is_file():
            digests[str(path.relative_to(folder))] = sha256(path.read_bytes()).hexdigest()
    return digests


def _seed(at: datetime) -> str:
    """One that draws nobody of the crowd: what stands in their copies is sealed under another request's key."""
    period = Period.of(date(2020, 1, 1), localdate(at), at)
    received = requests_of(period, restricted=False)
    walked = set(received.filter(pk__lt=FIRST).values_list("reference", flat=True))
    references = list(received.values_list("reference", flat=True))
    for seed in map(str, count()):
        if walked.issuperset(nsmallest(2, references, key=partial(rank, seed=seed))):
            return seed
    raise AssertionError


def _names_in(folder: Path) -> Iterator[str]:
    return (str(path.relative_to(folder)) for path in sorted(folder.rglob("*")) if path.is_file())


def _of_the_log(public: Public, size: int, folder: Path) -> dict[str, str]:
    asked = {
        "verify": ["verify"],
        "checkpoint": ["checkpoint"],
        "consistency": ["consistency", str(public.checkpoint), str(size)],
        "prove": ["prove", f"--entry={public.entry}"],
    }
    said = {name: HASH.sub("#", _said("audit", *words)) for name, words in asked.items()}
    exported = _said("audit", "export", str(folder)).replace(str(folder), "DIR")
    return {**said, "export": exported}


def _entries() -> Iterator[tuple[str, ...]]:
    """The entries of the main log without what is drawn by chance, or follows from it.

    So do the digests of rows and of proposals: row numbers go into them, but under random numbers that nobody is
    shown, so that nobody can try which numbers they were (`test_no_digest_in_the_log_can_be_tried`).
    """
    rows = Entry.objects.filter(log=Log.MAIN).order_by("xid", "id").values_list("xid", "body")
    for _, entries in groupby(rows, key=lambda row: row[0]):
        yield tuple(sorted(_shown(json.loads(bytes(body))) for _, body in entries))


def _shown(entry: dict[str, Any]) -> str:
    entry["id"], entry["commits"] = 0, sorted(entry.get("commits", {}))
    detail = entry.get("detail", {})
    if "rows" in detail:
        detail["rows"] = {**dict.fromkeys(detail["rows"], "#"), "format": detail["rows"]["format"]}
    if detail.get("digest"):
        detail["digest"] = "#"
    return json.dumps(entry)


def _mails(public: Public) -> Iterator[str]:
    """To whoever is named to nothing."""
    cleared = {user.email for key, user in public.world.people.items() if key not in UNCLEARED}
    for message in mail.outbox:
        if not cleared & set(message.to):
            yield HASH.sub("#", OF_A_MAIL.sub("#", str(message.message())))


def _new_requests(public: Public) -> Public:
    """Each walked by people who are named to nothing, so that whatever counts rows would show on their pages."""
    world, now = public.world, public.looked_at
    people: dict[str, User] = {
        **world.people,
        **{key: _person(public, name) for key, name in IN_THEIR_PLACE.items()},
    }
    acts: Mapping[str, Any] = {"actor": people["handler"], "now": now}
    released = Road(people, world.police, now, number=951)
    released.record()
    for who in ("handler", "lead", "dpo"):
        following.watch_request(request_id=_pk(released), actor=people[who], now=now)
    released.release()
    review = Road(people, world.police, now, number=952)
    review.confirm()
    for who in ("lead", "dpo"):
        following.watch_request(request_id=_pk(review), actor=people[who], now=now)
    billing = HeldSystem.objects.get(code="billing")
    ask_for_search(request_id=_pk(review), system_id=billing.pk, **acts)
    on_file.record_correspondence(
        request_id=_pk(review), direction="OUT", channel="TELEPHONE", at=now, with_whom="Robin Sample", words="Which month?", **acts
    )  # fmt: skip
    on_file.record_correspondence(
        request_id=_pk(released), direction="OUT", channel="POST", at=now, with_whom="Robin Sample", words="A copy.", **acts
    )  # fmt: skip
    on_file.attach_document(
        request_id=_pk(review), purpose="FORM", name="form.pdf", content=b"%PDF-1.7 a form", **acts
    )
    on_file.write_comment(request_id=_pk(review), words="Waits for the search.", **acts)
    extending.extend_deadline(
        request_id=_pk(review), purpose="ANSWER", until=localdate(now) + timedelta(days=60), reason="An archive.",
        actor=people["lead"], now=now,
    )  # fmt: skip
    kept = preservation(World(company=world.company, police=world.police, people=people, now=now, made=952))
    hold = ask_for_hold(request_id=_pk(kept), system_id=billing.pk, **acts)
    asked = CompanyRoad(people, world.police, now, number=954)
    asked.to(State.IN_REVIEW)
    draft = CompanyRoad(people, world.police, now, number=955)
    draft.record()
    requests = {State.IN_REVIEW: _row(review), State.RELEASED: _row(released)}
    companys = {State.IN_REVIEW: _row(asked), State.DRAFT: _row(draft)}
    return replace(
        public,
        requests={**public.requests, **requests},
        companys={**public.companys, **companys},
        searched=SearchTask.objects.get(request=_pk(review)).reference,
        kept=HoldTask.objects.get(pk=hold.pk).reference,
        preserved=_row(kept).reference,
    )


def _an_extra_day(public: Public, division: str) -> None:
    """A bank holiday moves open clocks, the secret ones too; in batches so small that one more would shift them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recalculating, "BATCH", 7)
        enter_day_off(
            division=division, day=localdate(public.looked_at) + timedelta(days=12), title="Jubilee", reason="Gazette",
            actor=_person(public, "admin"), now=public.looked_at,
        )  # fmt: skip
        call_command("sweep")


def _promises(public: Public) -> Iterator[str]:
    """What was promised about public requests, or to whoever is named to nothing: what for, to whom, how it went.

    For row numbers, which only the worker reads, stands what they are the numbers of.
    """
    requests = {
        pk: (ref, secret) for pk, ref, secret in Request.objects.values_list("pk", "reference", "restricted")
    }
    clocks = {
        pk: (of, purpose) for pk, of, purpose in Deadline.objects.values_list("pk", "request", "purpose")
    }
    cleared = {user.pk for key, user in public.world.people.items() if key not in UNCLEARED}
    for row in OutboxRow.objects.all():
        told = row.payload.get("user")
        of, purpose = clocks.get(row.payload.get("deadline"), (row.payload.get("request"), ""))
        reference, secret = requests.get(of, ("", False))
        if told in cleared or (secret and told is None):
            continue
        key = re.sub(r"^reminder:\d+:", f"reminder:{reference} {purpose}:", row.key)
        payload = {name: value for name, value in row.payload.items() if name not in NUMBERS}
        yield f"{row.topic} {key} {reference} {payload} {row.due_at} {row.attempts} {row.last_error} {row.done_at}"


def _said(command: str, *arguments: str) -> str:
    out = io.StringIO()
    try:
        call_command(command, *arguments, stdout=out, stderr=out)
    except SystemExit as ended:
        out.write(f"exit {ended.code}")
    except (
        CommandError
    ) as refused:  # the crowd's copies have no entries, which `audit verify` says in both worlds
        out.write(str(refused))
    return out.getvalue()


@contextmanager
def ringing() -> Iterator[list[str]]:
    """What a broker is really told: its messages are read back from the queues of a broker in memory."""
    messages: list[str] = []
    with broker_at("memory://"):
        yield messages
        with current_app.connection_for_read() as broker:
            for queue in ("celery", "audit"):
                channel = broker.default_channel
                while (message := channel.basic_get(queue, no_ack=True)) is not None:
                    messages.append(f"{queue} {message.headers['task']} {json.dumps(message.payload)}")


def _person(public: Public, name: str) -> User:
    user = public.observers[name]
    assert user is not None
    return user


def _pk(road: Road) -> int:
    assert road.request
    return road.request.pk


def _row(road: Road) -> Request:
    return Request.objects.get(pk=_pk(road))
