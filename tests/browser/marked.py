"""A row of the queue that bears three marks at once, so that a page too narrow for them is seen to be."""

from datetime import timedelta

from django.http import HttpResponse

from disclosures.models import Request
from disclosures.selectors.queues import flags_of
from tests.world import World

AGE = timedelta(days=60)
MARKS = ("Overdue", "Priority", "Two approvers")


def row_with_three_marks(world: World) -> Request:
    """Received long ago, urgent by its form, and of a special category, which needs a second approver."""
    road = world.road()
    road.age = AGE
    road.record(urgency="PRIORITY", urgency_reason="The trial begins soon.", special_category_sought=True)
    road.accept()
    request = Request.objects.get(pk=road.request.pk)  # type: ignore[union-attr]
    assert tuple(flag.words for flag in flags_of(request, 2, world.now)) == MARKS
    return request


def missing_marks(name: str, answer: HttpResponse, reference: str) -> list[str]:
    """What a queue lacks of the row: without it an overflow would not be seen."""
    if name not in {"disclosures:team-queue", "disclosures:due-today", "disclosures:find"}:
        return []
    row = next((row for row in answer.content.decode().split("<tr") if reference in row), "")
    return [f"{name}: no mark “{mark}” on {reference}" for mark in MARKS if mark not in row]
