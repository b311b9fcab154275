"""The restricted cases, and the whole life of each: what a public world must not show.

Three of them, because no one case passes everywhere: a production order, a plain form about which telling is
forbidden (the twin of a public request: same officer, same person, same references), and data to be preserved.
"""

import io
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db.models import QuerySet
from django.utils.timezone import localdate

from disclosures.demo import Road
from disclosures.demo_kinds import OrderRoad
from disclosures.models import CompartmentMember, Document, HeldSystem, HoldTask, Request, SearchTask, Step
from disclosures.services import compartment, delivery, following, on_file, settling
from disclosures.services.access import assign_request, exclude_person
from disclosures.services.holding import Kept, ask_for_hold, confirm_hold
from disclosures.services.intake import InstrumentInput
from disclosures.services.searching import ask_for_search
from disclosures.states import Action
from tests.preserving import ITEMS, PEOPLE

from .other_lives import HiddenRoad, go_every_other_way
from .public import ORDER, TWIN, Public

A = Action


@dataclass(frozen=True)
class Secrets:
    """The names of what must not be there, asked for by whoever guesses them."""

    requests: tuple[str, ...]
    searches: tuple[str, ...]
    holds: tuple[str, ...]
    documents: tuple[str, ...]
    receipts: tuple[str, ...]


SHEET = Path(__file__).parents[1] / "data" / "requests.jsonl"
LIVED_AT = timedelta(minutes=30)  # before the uncleared reporting officer comes into office


class Life:
    """Walks the cases from one point at which the public world is looked at to the next."""

    def __init__(self, public: Public) -> None:
        world = public.world
        self.public, self.now = public, world.now + LIVED_AT
        self.order = OrderRoad(world.people, world.police, self.now, number=ORDER)
        self.hidden = HiddenRoad(world.people, world.police, self.now, number=TWIN)
        self.preserved = HiddenRoad(world.people, world.police, self.now, number=903)
        self.breach = OrderRoad(world.people, world.police, self.now, number=904)
        self.refused = OrderRoad(world.people, world.police, self.now, number=905)
        self.others: list[Road] = []

    @property
    def roads(self) -> tuple[Road, ...]:
        return (self.order, self.hidden, self.preserved, self.breach, self.refused, *self.others)

    def secrets(self) -> Secrets:
        """All that has a name so far."""
        mine = [road.request.pk for road in self.roads if road.request]
        answers = Step.objects.filter(request__in=mine, action=A.RECORD_SENT)
        return Secrets(
            requests=tuple(road.request.reference for road in self.roads if road.request),
            searches=_named(SearchTask.objects.filter(request__in=mine)),
            holds=_named(HoldTask.objects.filter(request__in=mine)),
            documents=_named(Document.objects.filter(request__in=mine)),
            receipts=tuple(str(version) for version in answers.values_list("version", flat=True)),
        )

    # The points of its life ---------------------------------------------------------------------

    def arrives(self) -> None:
        self.order.record()
        self.hidden.record()
        today = localdate(self.now)
        asked = InstrumentInput(code="P-PRES", dated_on=today, valid_until=today + timedelta(days=30))
        self.preserved.record(instrument=asked, subjects=PEOPLE, items=ITEMS)
        self._comes_in_a_file()

    def _comes_in_a_file(self) -> None:
        """The orders of a sheet whose other lines are public; a clerk who is not cleared imports it whole later."""
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as orders:
            orders.writelines(
                line for line in SHEET.read_text("utf-8").splitlines(keepends=True) if '"A-PO"' in line
            )
            orders.flush()
            before = set(Request.objects.values_list("pk", flat=True))
            call_command("import_requests", orders.name, "--as=clerk@desk.example", stdout=io.StringIO())
        self.imported = Request.objects.exclude(pk__in=before)
        assert self.imported
        assert all(request.restricted for request in self.imported)

    def is_worked_on(self) -> None:
        """Accepted, rung back, verified; a search open, another answered, holds; notes, files, calls, costs."""
        people, now = self.public.world.people, self.now
        for road in (self.order, self.hidden, self.preserved):
            road.confirm()
        order = self._of(self.order)
        billing, care = (HeldSystem.objects.get(code=code) for code in ("billing", "care"))
        ask_for_search(request_id=order.pk, system_id=billing.pk, actor=people["handler"], now=now)
        for road, system in ((self.preserved, billing), (self.preserved, care)):
            ask_for_hold(request_id=self._of(road).pk, system_id=system.pk, actor=people["handler"], now=now)
        hold = HoldTask.objects.filter(request=self._of(self.preserved)).earliest("id")
        kept = Kept(result="KEPT", kept_on=localdate(now), how="Set aside.")
        confirm_hold(task_id=hold.pk, answer=kept, actor=people["holder"], now=now)
        for road in (self.order, self.hidden):
            self._busy(self._of(road))
        member = CompartmentMember.objects.get(request=order, user=people["second"])
        compartment.end_member(request_id=order.pk, member_id=member.pk, actor=people["mlro"], now=now)
        exclude_person(
            request_id=self._of(self.hidden).pk, person=people["lead"], reason="A neighbour.", actor=people["head"], now=now
        )  # fmt: skip

    def _busy(self, request: Request) -> None:
        people, now = self.public.world.people, self.now
        doing: Mapping[str, object] = {"request_id": request.pk, "actor": people["handler"], "now": now}
        following.watch_request(request_id=request.pk, actor=people["dpo"], now=now)
        assign_request(request_id=request.pk, assignee=people["handler"], actor=people["head"], now=now)
        on_file.attach_document(
            purpose="ORDER", name="order.pdf", content=b"%PDF-1.7 an order", **doing,  # type: ignore[arg-type]
        )  # fmt: skip
        on_file.write_comment(words="Ask the court for a copy.", **doing)  # type: ignore[arg-type]
        on_file.record_correspondence(
            direction="OUT", channel="TELEPHONE", at=now, with_whom="Robin Sample", words="When is it due?", **doing,  # type: ignore[arg-type]
        )  # fmt: skip
        on_file.link_request(
            other_reference=self.public.twin.reference, relation="SAME_MATTER", reason="The same person.", **doing,  # type: ignore[arg-type]
        )  # fmt: skip
        settling.record_cost(hours=Decimal("1.5"), fee=Decimal(0), note="Looked for the file.", **doing)  # type: ignore[arg-type]

    def is_decided(self) -> None:
        task = SearchTask.objects.get(request=self._of(self.order))
        self.order.answer(task)
        for road in (self.order, self.hidden):
            if road is self.hidden:
                road.search()
            road.weigh()
            road.write()
            road.step("handler", A.PROPOSE)
        self.order.step("approver", A.APPROVE_RELEASE)
        self.refused.propose("WITHHOLD")
        self.breach.approve()

    def is_answered(self) -> None:
        """Sent, received, closed, complained of, reviewed; one released wrongly, one withdrawn."""
        people, now = self.public.world.people, self.now
        self.hidden.step("approver", A.APPROVE_RELEASE)
        for road in (self.order, self.hidden, self.breach):
            road.step("release", A.START_RELEASE)
            road.send()
        letter = self._of(self.order).letter_set.get(purpose="OUTCOME")
        delivery.note_delivery(
            request_id=self._of(self.order).pk, stage="CONFIRMED", at=now, reason="The receipt came.",
            actor=people["release"], now=now, letter_id=letter.pk,
        )  # fmt: skip
        for road in (self.order, self.hidden):
            road.step("release", A.CLOSE)
        self.hidden.step("clerk", A.APPEAL)
        self.breach.step("dpo", A.REPORT_WRONG_RELEASE)
        self.refused.step("second", A.CONCUR)
        self.refused.step("approver", A.APPROVE_REFUSAL)
        self.preserved.step("clerk", A.WITHDRAW)

    def goes_other_ways(self) -> None:
        self.others = go_every_other_way(self.public, self.now)

    def _of(self, road: Road) -> Request:
        assert road.request
        return Request.objects.get(pk=road.request.pk)


POINTS: tuple[tuple[str, Callable[[Life], None]], ...] = (
    ("it arrives", Life.arrives),
    ("it is worked on", Life.is_worked_on),
    ("it is decided", Life.is_decided),
    ("it is answered", Life.is_answered),
    ("it goes other ways", Life.goes_other_ways),
)


def _named(rows: QuerySet[Any]) -> tuple[str, ...]:
    return tuple(rows.order_by("id").values_list("reference", flat=True))
