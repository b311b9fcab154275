"""The rows of one request, each kind read once however many parts of a page ask for it. Nothing is opened here."""

from collections.abc import Collection, Iterable

from django.db.models import Model
from django.utils.functional import cached_property

from ..models import (
    AgencyNotice,
    Assessment,
    CourtApplication,
    Evidence,
    Exclusion,
    Instrument,
    Item,
    ItemDecision,
    Letter,
    Message,
    Officer,
    Opinion,
    PeriodEvent,
    ReadOut,
    Request,
    SchemePermission,
    SearchRecord,
    Step,
    Subject,
    SubjectNotice,
)


class Rows:
    """As they stand when they are first asked for. `named`: with the people who acted, for a page that names them."""

    def __init__(self, request: Request, *, named: bool = False) -> None:
        self.request, self.named = request, named

    @cached_property
    def governing(self) -> list[Instrument]:
        return list(Instrument.objects.filter(request=self.request, governs=True).order_by("id"))

    @cached_property
    def officers(self) -> list[Officer]:
        return list(Officer.objects.filter(request=self.request))

    @cached_property
    def subjects(self) -> list[Subject]:
        """Everybody, by position."""
        return list(Subject.objects.filter(request=self.request).order_by("position"))

    @cached_property
    def items(self) -> list[Item]:
        return list(Item.objects.filter(request=self.request).order_by("position"))

    @cached_property
    def decisions(self) -> list[ItemDecision]:
        rows = ItemDecision.objects.filter(request=self.request)
        return list(rows.select_related("decided_by") if self.named else rows)

    @cached_property
    def records(self) -> list[SearchRecord]:
        rows = SearchRecord.objects.filter(request=self.request)
        if self.named:
            rows = rows.select_related("task__system", "task__asked_by", "searched_by")
        return list(rows.order_by("subject_id", "item_id", "id"))

    @cached_property
    def evidence(self) -> list[Evidence]:
        """The oldest first."""
        rows = Evidence.objects.filter(request=self.request).order_by("id")
        return list(rows.select_related("recorded_by") if self.named else rows)

    @cached_property
    def assessments(self) -> list[Assessment]:
        """The latest round first."""
        rows = Assessment.objects.filter(request=self.request).order_by("-round")
        return list(rows.select_related("recorded_by") if self.named else rows)

    @cached_property
    def opinions(self) -> list[Opinion]:
        """The oldest first."""
        rows = Opinion.objects.filter(request=self.request).order_by("id")
        return list(rows.select_related("given_by") if self.named else rows)

    @cached_property
    def letters(self) -> list[Letter]:
        """The oldest first."""
        rows = Letter.objects.filter(request=self.request).order_by("id")
        return list(rows.select_related("prepared_by", "sent_by") if self.named else rows)

    @cached_property
    def steps(self) -> list[Step]:
        """The latest first."""
        rows = Step.objects.filter(request=self.request).order_by("-id")
        return list(rows.select_related("actor") if self.named else rows)

    @cached_property
    def exclusions(self) -> list[Exclusion]:
        rows = Exclusion.objects.filter(request=self.request).order_by("id")
        return list(rows.select_related("user", "excluded_by") if self.named else rows)

    @cached_property
    def read_out(self) -> list[ReadOut]:
        """The latest first."""
        rows = ReadOut.objects.filter(request=self.request).order_by("-id")
        return list(rows.select_related("recorded_by") if self.named else rows)

    @cached_property
    def applications(self) -> list[CourtApplication]:
        """The oldest first."""
        rows = CourtApplication.objects.filter(request=self.request).order_by("id")
        return list(rows.select_related("recorded_by") if self.named else rows)


def rows_of_people(request: Request, people: Collection[int]) -> Rows:
    """Rows of which the people, and what was searched and decided, are these people's alone."""
    rows = Rows(request, named=True)
    theirs = {"request": request, "subject__in": people}
    rows.subjects = list(Subject.objects.filter(request=request, pk__in=people).order_by("position"))
    rows.records = list(
        SearchRecord.objects.filter(**theirs)
        .select_related("task__system", "task__asked_by", "searched_by")
        .order_by("subject_id", "item_id", "id")
    )
    rows.decisions = list(ItemDecision.objects.filter(**theirs).select_related("decided_by"))
    return rows


def messages_of(request: Request) -> list[Model]:
    """Only a company that asks through its own account has any."""
    if not request.own_submission:
        return []
    rows = Message.objects.filter(request=request).select_related("written_by")
    return list(rows.order_by("id"))


def permissions_of(request: Request, items: Iterable[Item]) -> list[Model]:
    """Asked for only where something came from another body's scheme, which is seldom."""
    if not any(item.is_from_a_scheme for item in items):
        return []
    rows = SchemePermission.objects.filter(request=request).select_related("item", "recorded_by")
    return list(rows.order_by("id"))


def agency_notices_of(request: Request, governing: Iterable[Instrument]) -> list[Model]:
    """Asked for only where the instrument knows of such notices."""
    if not any(row.terms.notifies_agency for row in governing):
        return []
    rows = AgencyNotice.objects.filter(request=request).select_related("recorded_by")
    return list(rows.order_by("id"))


def period_events_of(request: Request, governing: Iterable[Instrument]) -> list[Model]:
    """Asked for only where the instrument has a second period; the oldest first."""
    if not any(row.terms.second_periods for row in governing):
        return []
    rows = PeriodEvent.objects.filter(request=request).select_related("recorded_by")
    return list(rows.order_by("id"))


def subject_notices_of(request: Request) -> list[Model]:
    """Whether the person is told: the newest first."""
    rows = SubjectNotice.objects.filter(request=request).select_related("recorded_by")
    return list(rows.order_by("-id"))
