"""A company's request for many people, for the pages that must stay quick: recorded, searched for, answered."""

import csv
import io
from datetime import date

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from disclosures.demo_kinds import CompanyRoad
from disclosures.models import HeldSystem, SearchTask
from disclosures.selectors.likeness import groups_of
from disclosures.services.intake import ItemInput, SubjectInput
from disclosures.services.searching import ask_for_search
from tests.world import World

MONTH = {"period_from": date(2026, 9, 1), "period_to": date(2026, 9, 30)}
ITEMS = (ItemInput(item_type="PAYMENTS", **MONTH), ItemInput(item_type="CORRESPONDENCE", **MONTH))


def long_road(world: World, people: int, items: tuple[ItemInput, ...] = ITEMS) -> CompanyRoad:
    """In review, with nobody asked yet."""
    world.made += 1
    road = CompanyRoad(world.people, world.police, world.now, number=world.made)
    road.record(
        items=items,
        subjects=tuple(
            SubjectInput(own_reference=f"A-{n}", name=f"Person {n}", account_number=f"ZX-{n}")
            for n in range(1, people + 1)
        ),
    )
    road.confirm()
    return road


def asked(world: World, road: CompanyRoad, code: str = "billing") -> SearchTask:
    system = HeldSystem.objects.get(code=code)
    return ask_for_search(
        request_id=road.request.pk, system_id=system.pk, actor=world["handler"], now=world.now
    )


def table_of(holder: Client, task: SearchTask) -> list[dict[str, str]]:
    response = holder.get(f"/searches/{task.reference}/list.csv")
    assert response.status_code == 200
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


def as_file(rows: list[dict[str, str]]) -> SimpleUploadedFile:
    text = io.StringIO()
    table = csv.DictWriter(text, list(rows[0]), delimiter=";")
    table.writeheader()
    table.writerows(rows)
    return SimpleUploadedFile("answer.csv", text.getvalue().encode("utf-8-sig"))


def send(holder: Client, task: SearchTask, rows: list[dict[str, str]] | None, **said: str) -> HttpResponse:
    file = {"file": as_file(rows)} if rows else {}
    return holder.post(f"/searches/{task.reference}/", {**file, **said})


def answered(holder: Client, task: SearchTask, *, found: int) -> None:
    """Of the first `found` people something is held, of the others nothing."""
    rows = table_of(holder, task)
    filled = [
        row | {"result": "found", "what was found": f"1 September 2026: £{row['person']}.20"}
        for row in rows
        if int(row["person"]) <= found
    ]
    response = send(holder, task, filled, rest_not_held="on", terms="Account number")
    assert response.status_code == 302, response.content.decode()


def group_post(client: Client, road: CompanyRoad, number: int, **given: str) -> int:
    """Decides the group that stands at this place of the page; returns the answer's status."""
    group = groups_of(road.request, now=road.now)[number]
    data = {f"g{group.key}-{name}": value for name, value in given.items()}
    address = f"/requests/{road.request.reference}/items/"
    return client.post(address, {"group": group.key, "seen": group.seen, **data}).status_code
