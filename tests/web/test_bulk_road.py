"""Two thousand people: one decision for like lines, exceptions singly, one file out; and every page in a reasonable time."""

import csv
import io
from collections.abc import Callable
from time import perf_counter

import pytest

from disclosures.demo_kinds import CompanyRoad
from disclosures.models import ItemDecision
from disclosures.services.weighing import record_tests
from disclosures.states import Action
from tests.conftest import Database
from tests.services.log_lines import last
from tests.world import make_world, now

from .browsers import browser_for
from .long_list import answered, asked, group_post, long_road
from .test_company import words

PEOPLE = 2_000
SLOW = 20  # seconds for a page, on a machine that does other things as well


@pytest.mark.committed
def test_two_thousand_people_go_their_whole_road(committed_db: Database) -> None:
    world = make_world()
    spent: dict[str, float] = {}

    def timed(what: str, use: Callable[[], object]) -> object:
        began = perf_counter()
        result = use()
        spent[what] = perf_counter() - began
        return result

    handler, holder, outsider = (
        browser_for(world[key], world.now) for key in ("handler", "holder", "outsider")
    )
    road: CompanyRoad = timed("recorded", lambda: long_road(world, PEOPLE))  # type: ignore[assignment]
    where = f"/requests/{road.request.reference}/"
    task = timed("asked", lambda: asked(world, road))
    timed("search page", lambda: holder.get(f"/searches/{task.reference}/"))  # type: ignore[attr-defined]
    timed("search answered", lambda: answered(holder, task, found=1_900))  # type: ignore[arg-type]
    assert last("search.recorded")["detail"]["results"] == {"FOUND": "1.1-1900", "NOT_HELD": "1.1901-2000"}
    answered(holder, asked(world, road, "care"), found=0)

    page = words(timed("items page", lambda: handler.get(f"{where}items/")))
    for said in ("1. Payments made to us, and how: found; not decided yet (1900 people)", "nothing held; not decided yet (100 people)"):  # fmt: skip
        assert said in page
    # The exceptions first: two people singly, then everybody like them by one decision.
    single = {"person-2-item-1-decision": "WITHHOLD", "person-2-item-1-refusal_code": "R-NEC"}
    assert handler.post(f"{where}items/", single).status_code == 302
    assert timed("group decided", lambda: group_post(handler, road, 0, decision="DISCLOSE")) == 302
    assert last("items.decided")["detail"]["decisions"] == {"DISCLOSE": "1.1 1.3-1900"}
    assert group_post(handler, road, 0, decision="NOT_HELD", reason="Nothing in billing.") == 302
    assert group_post(handler, road, 0, decision="NOT_HELD") == 302
    made = dict.fromkeys(ItemDecision.Decision.values, 0)
    for decision in ItemDecision.objects.values_list("decision", flat=True):
        made[decision] += 1
    assert made == {"DISCLOSE": 1_899, "WITHHOLD": 1, "NOT_HELD": 2_100, "NEITHER": 0}

    road.now = now()  # the pages decided a moment after the world began
    record_tests(request_id=road.request.pk, tests=road.tests, actor=world["handler"], now=road.now)
    road.advise()
    letter = words(timed("letter page", lambda: handler.get(f"{where}letter/answer/")))
    assert "1,899 of the 2,000 people" in letter
    assert "Person 7" not in letter
    road.write()
    timed("request page", lambda: handler.get(where))
    timed("proposed", lambda: road.step("handler", Action.PROPOSE))
    approver = browser_for(world["approver"], world.now)
    lines = words(timed("lines page", lambda: approver.get(f"{where}lines/?after=1900")))
    assert "1901. Person 1901" in lines
    road.step("second", Action.CONCUR)
    timed("approved", lambda: road.step("approver", Action.APPROVE_RELEASE))
    road.step("release", Action.START_RELEASE)
    road.send()
    result = timed("result file", lambda: outsider.get(f"/company/{road.request.reference}/result.csv"))
    rows = list(csv.DictReader(io.StringIO(result.content.decode("utf-8-sig"))))  # type: ignore[attr-defined]
    assert len(rows) == 2 * PEOPLE
    by_reference = {(row["your reference"], row["item"][:8]): row for row in rows}
    assert by_reference["A-7", "Payments"]["information"] == "1 September 2026: £7.20", (
        "each gets what was found of them"
    )
    assert by_reference["A-2", "Payments"]["result"] == "Not given"
    assert by_reference["A-2", "Payments"]["reason"].endswith("(R-NEC)")
    assert by_reference["A-1999", "Letters "]["result"] == "Not held"
    timed("company's page", lambda: outsider.get(f"/company/{road.request.reference}/"))
    print("; ".join(f"{what} {seconds:.1f} s" for what, seconds in spent.items()))
    assert {what: seconds for what, seconds in spent.items() if seconds > SLOW} == {}
