"""An audit pack at its edges: of any length, to the midnight of London, and of requests that were restricted later."""

import io
import json
import zipfile
from datetime import UTC, date, datetime, timedelta

import pypdfium2 as pdfium
import pytest
from django.db import connection
from django.db.models.signals import post_init
from django.urls import reverse
from django.utils.timezone import localdate

from accounts.days import british
from accounts.roles import Role
from accounts.services import grant_membership
from audit.models import Entry
from disclosures.selectors.audit_pack import Period, _population, _roles, requests_of
from disclosures.services import ActionRefused
from disclosures.services.access import restrict_request
from disclosures.services.audit_packs import Wish, ask_audit_pack, build
from disclosures.states import Action, State
from tests.audit.desk import MANY
from tests.services.test_decision_record import squeezed, text_of
from tests.web.test_audit_packs import clear, rows
from tests.world import World

pytestmark = pytest.mark.django_db
PEOPLE = ("outsider", "handler", "approver", "clerk")


def built(world: World, *, sealed: bool = False) -> zipfile.ZipFile:
    day = localdate(world.now)
    wish = Wish(first_day=day - timedelta(days=400), last_day=day, sample_size=2, seed="a word")
    pack = ask_audit_pack(wish=wish, actor=world["auditor"], now=world.now, to_a_folder=True)
    archives = build(pack=pack, with_sealed=pack.with_sealed, progress=lambda *_: None, now=world.now)
    return zipfile.ZipFile(io.BytesIO(archives[sealed] or b""))


def refusals(count: int) -> None:
    query = MANY.format(actor="'u_' || n %% 7", event="'request.step_denied'", object="'R-' || n")
    with connection.cursor() as cursor:
        cursor.execute(query.replace("folder", "request"), {"log": "main", "count": count})


def test_its_summary_says_the_period_as_it_is_read_aloud(world: World) -> None:
    day = localdate(world.now)
    text = text_of(pdfium.PdfDocument(built(world).read("summary.pdf")))
    assert text.count(squeezed(f"{british(day - timedelta(days=400))} to {british(day)}")) >= 2


def test_as_many_refusals_as_there_are_hide_nothing_behind_them_and_are_not_held(world: World) -> None:
    refusals(6_000)
    world.give("handler", Role.APPROVER)
    alive = {"now": 0, "most": 0}

    class Counter:
        def __init__(self) -> None:
            alive["now"] += 1
            alive["most"] = max(alive.values())

        def __del__(self) -> None:
            alive["now"] -= 1

    def made(instance: Entry, **_: object) -> None:
        instance.counter = Counter()  # type: ignore[attr-defined]

    post_init.connect(made, sender=Entry)
    try:
        files = built(world)
    finally:
        post_init.disconnect(made, sender=Entry)
    found = rows(files, "exceptions")
    assert sum(row["what"] == "Step refused" for row in found) == 6_000
    last = max(int(row["entry"]) for row in found[-1:])
    granted = Entry.objects.filter(event="membership.granted").latest("at")
    assert last == granted.id, "what came behind all the refusals"
    cited = [json.loads(line)["entry"]["id"] for line in files.read("entries.jsonl").decode().splitlines()]
    assert len(cited) == len(set(cited)) >= 6_001
    assert {int(row["entry"]) for row in found if row["entry"]} <= set(cited)
    assert alive["most"] < 5_000
    summary = json.loads(files.read("summary.json"))
    assert summary["counts"]["exceptions"] == len(found)
    assert summary["counts"]["entries"] == len(cited)


def test_the_number_of_statements_follows_the_thousands_alone(
    world: World, django_assert_max_num_queries
) -> None:
    refusals(3_000)
    with django_assert_max_num_queries(90):
        built(world)


def test_what_was_told_before_a_request_was_restricted_is_in_the_archive_of_the_restricted(
    world: World,
) -> None:
    road = world.road()
    request = road.to(State.PENDING_APPROVAL)
    world.give("handler", Role.APPROVER)
    with pytest.raises(ActionRefused):
        road.step("handler", Action.APPROVE_RELEASE)
    restrict_request(
        request_id=request.pk, members={world["approver"]: "APPROVER"}, reason="An order forbids telling.",
        actor=world["head"], now=world.now,
    )  # fmt: skip
    clear(world)
    main, sealed = built(world), built(world, sealed=True)
    assert request.reference.encode() not in b"".join(main.read(name) for name in main.namelist())
    assert ("Step refused", request.reference) in {
        (row["what"], row["about"]) for row in rows(sealed, "exceptions")
    }
    told = [json.loads(line) for line in sealed.read("entries.jsonl").decode().splitlines()]
    of_request = [line for line in told if line["entry"].get("object", {}).get("ref") == request.reference]
    assert {line["log"] for line in of_request} == {"main", "sealed"}
    assert of_request[0]["entry"]["event"] == "request.recorded"
    assert [line["entry"]["at"] for line in told] == sorted(line["entry"]["at"] for line in told)


def test_refused_access_is_an_exception_too(world: World, browser_of) -> None:
    assert browser_of("handler").get(reverse("disclosures:request", args=["CP-2222-AAAA"])).status_code == 404
    assert Entry.objects.filter(event="access.missed").exists()
    assert "Access refused" in {row["what"] for row in rows(built(world), "exceptions")}


@pytest.mark.parametrize(
    ("day", "hours", "start"),
    [
        (date(2026, 3, 29), 23, "2026-03-29T00:00+00:00"),
        (date(2026, 10, 25), 25, "2026-10-24T23:00+00:00"),
        (date(2026, 7, 1), 24, "2026-06-30T23:00+00:00"),
    ],
)
def test_a_period_is_from_midnight_to_midnight_in_london(
    world: World, day: date, hours: int, start: str
) -> None:
    period = Period.of(day, day, datetime(2027, 1, 1, tzinfo=UTC))
    first, end = period.start.astimezone(UTC), period.end.astimezone(UTC)
    assert first.isoformat(timespec="minutes") == start
    assert end - first == timedelta(hours=hours)
    moment = timedelta(microseconds=1)
    for received in (first - moment, first, end - moment, end):
        world.road().record(received_at=received)
    assert list(
        requests_of(period, restricted=False).order_by("id").values_list("received_at", flat=True)
    ) == [
        first,
        end - moment,
    ]
    days = {str(row["received"])[:10] for row in _population(period, restricted=False)}
    assert days == {day.isoformat()}, "the table says the day by which it was counted"


def test_a_role_counts_from_its_first_moment_and_not_at_its_last(world: World) -> None:
    day = localdate(world.now)
    period = Period.of(day, day, world.now)
    start, end = period.start.astimezone(UTC), period.end.astimezone(UTC)
    moment = timedelta(microseconds=1)
    held = {
        "until its beginning": (start - timedelta(days=1), start),
        "a moment longer": (start - timedelta(days=1), start + moment),
        "from its last moment": (end - moment, None),
        "from its end": (end, None),
    }
    made = {
        name: grant_membership(
            user=world[key], organisation=world.company, role=Role.AUDITOR, valid_from=since,
            valid_until=until, actor=None, now=world.now,
        ).ref
        for key, (name, (since, until)) in zip(PEOPLE, held.items(), strict=True)
    }  # fmt: skip
    found = {row["membership"] for row in _roles(period)}
    assert [name for name, ref in made.items() if ref in found] == ["a moment longer", "from its last moment"]
