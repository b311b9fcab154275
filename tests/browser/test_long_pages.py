"""The pages of a request for many people, and those of a question to legal, as axe sees them: full, and with errors."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse

from disclosures.demo_kinds import CompanyRoad, OrderRoad, production_order
from disclosures.services.settling import record_cost, settle_addressee
from tests.browser.test_every_page import Beholder, Visitors, beholder, synchronous
from tests.conftest import Database
from tests.web.long_list import answered, asked, group_post, long_road
from tests.web.test_company_people import people
from tests.web.test_edit_long import submitted
from tests.web.test_like_lines import marketing_road
from tests.world import make_world

__all__ = ["beholder", "synchronous"]

pytestmark = pytest.mark.browser


@pytest.mark.committed
def test_axe_finds_nothing_on_the_pages_of_many_people(committed_db: Database, beholder: Beholder) -> None:
    world = make_world()
    visitors = Visitors(world.people)
    found: list[str] = []

    def look(
        who: str, address: str, name: str, send: Callable[[], HttpResponse] | None = None, status: int = 200
    ) -> None:
        answer = send() if send else visitors[who].get(address)
        assert answer.status_code == status, name
        found.extend(beholder.look(answer, address, name))

    draft = CompanyRoad(world.people, world.police, world.now, number=970)
    draft.record()
    listing = f"/company/{draft.request.reference}/people/list/"  # type: ignore[union-attr]

    def upload(text: str) -> Callable[[], HttpResponse]:
        return lambda: visitors["outsider"].post(
            listing, {"file": SimpleUploadedFile("people.csv", text.encode())}
        )

    look("outsider", listing, "the list to be sent")
    look("outsider", listing, "the preview of a list", upload(people(40)))
    look("outsider", listing, "a list with faults", upload(people(3) + "A-9,Alex,,,,,\n"), status=422)

    road = long_road(world, 40)
    where = f"/requests/{road.request.reference}/"
    task = asked(world, road)
    search = f"/searches/{task.reference}/"
    look("holder", search, "a long search")
    look("holder", search, "a long search with errors", lambda: visitors["holder"].post(search, {"rest_not_held": "on"}), status=422)  # fmt: skip
    answered(visitors["holder"], task, found=25)
    look("holder", search + "?after=25", "a long search, answered")
    look("handler", where + "items/", "groups to be decided")
    look("handler", where + "items/", "a group with errors", lambda: visitors["handler"].post(where + "items/", {"group": "none"}), status=422)  # fmt: skip
    assert group_post(visitors["handler"], road, 0, decision="DISCLOSE") == 302
    look("approver", where + "lines/?after=20", "every line")
    look("approver", where, "a long request")

    order = OrderRoad(world.people, world.police, world.now, number=971)
    order.record(instrument=replace(production_order(order), addressee="Another Company Limited"))
    pk, reference = order.request.pk, order.request.reference  # type: ignore[union-attr]
    record_cost(request_id=pk, hours=Decimal("1.5"), fee=Decimal(25), note="Archive", actor=world["handler"], now=world.now)  # fmt: skip
    look("head", f"/requests/{reference}/", "a question to legal")
    look("head", f"/requests/{reference}/addressee/", "a question to be settled")
    settle_addressee(
        request_id=pk, ours=False, reason="Our neighbour is meant.", actor=world["head"], now=world.now
    )
    look("head", f"/requests/{reference}/addressee/", "a question that was settled")
    look("handler", f"/requests/{reference}/costs/", "hours and a fee")
    assert not found, "\n" + "\n".join(found)


@pytest.mark.committed
def test_axe_finds_nothing_where_people_may_not_be_given_or_are_too_many_to_type(
    committed_db: Database, beholder: Beholder
) -> None:
    world = make_world()
    visitors = Visitors(world.people)
    request, barred = submitted(world), marketing_road(world, 20).request.reference  # type: ignore[union-attr]
    found: list[str] = []
    for who, address in (
        ("clerk", f"/requests/{request.reference}/edit/"),
        ("handler", f"/requests/{barred}/group/"),
        ("handler", f"/requests/{barred}/items/"),
        ("handler", f"/requests/{barred}/"),
    ):
        answer = visitors[who].get(address)
        assert answer.status_code == 200
        found += beholder.look(answer, address, address)
    assert not found, "\n" + "\n".join(found)
