"""Like lines are decided together and exceptions singly; the pages of a long request are paged and cost the same."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate

from disclosures.catalogue.checks import ODD_SIGNS
from disclosures.demo_kinds import CompanyRoad
from disclosures.models import Item, ItemDecision, Letter, SearchRecord, Subject
from disclosures.selectors.likeness import groups_of
from disclosures.services.intake import ItemInput, SubjectInput
from disclosures.services.weighing import PairDecision, decide_items
from disclosures.states import State
from tests.services.log_lines import entries, last
from tests.services.test_objections import MarketingRoad, consent, says
from tests.world import World

from .long_list import MONTH, answered, asked, group_post, long_road
from .test_company import words
from .work_pages import Browsers

pytestmark = pytest.mark.django_db


def test_the_pages_cost_the_same_queries_for_thirty_people_and_for_three_hundred(
    world: World, browser_of: Browsers
) -> None:
    counts = []
    for people in (60, 300):
        road = long_road(world, people)
        task = asked(world, road)
        where = f"/requests/{road.request.reference}/"
        seen = {}
        for who, address in (
            ("holder", f"/searches/{task.reference}/"), ("holder", f"/searches/{task.reference}/?after=25"),
            ("handler", where), ("handler", f"{where}items/"), ("handler", f"{where}items/?after=30"),
            ("approver", f"{where}lines/"), ("handler", f"{where}tests/"),
            ("outsider", f"/company/{road.request.reference}/"),
        ):  # fmt: skip
            client = browser_of(who)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            seen[f"{who} {address.replace(task.reference, '').replace(road.request.reference, '')}"] = len(
                queries
            )
        answered(browser_of("holder"), task, found=people // 2 + 5)
        with CaptureQueriesContext(connection) as queries:
            assert group_post(browser_of("handler"), road, 0, decision="DISCLOSE") == 302
        seen["group"] = len(queries)
        counts.append(seen)
    assert counts[0] == counts[1]
    assert max(counts[0].values()) < 90


def marketing_road(world: World, people: int) -> CompanyRoad:
    """Every tenth person objected to marketing on one day, every tenth had never consented; the others did."""
    world.made += 1
    road = MarketingRoad(world.people, world.police, world.now, number=world.made)
    asked_for = tuple(SubjectInput(own_reference=f"A-{n}", name=f"Person {n}", account_number=f"M{people}-{n}") for n in range(people))  # fmt: skip
    for n, person in enumerate(asked_for):
        if n % 10 == 1:
            says(world, "OBJECTION_MARKETING", person)
        elif n % 10 != 2:
            consent(world, person)
    road.record(items=(ItemInput(item_type="PAYMENTS", **MONTH),), subjects=asked_for)
    road.confirm()
    return road


def test_people_who_may_not_be_given_to_the_company_stand_in_groups_of_their_own_with_the_reason(
    world: World, browser_of: Browsers
) -> None:
    handler, counts = browser_of("handler"), []
    for people in (60, 300):
        road = marketing_road(world, people)
        tenth = people // 10
        groups = groups_of(road.request, now=world.now)
        said_on = localdate(world.now - timedelta(days=10))
        objected = f"objected to marketing on {said_on.day} {said_on:%B %Y}"
        never = (
            "has given no consent to e-mail that names Demo Retail (fictitious), as far as the records show"
        )
        assert {g.likeness.barred: g.size for g in groups} == {"": people - 2 * tenth, objected: tenth, never: tenth}  # fmt: skip
        assert all(position % 10 == 2 for g in groups if g.likeness.barred == objected for position in g.positions)  # fmt: skip
        seen = []
        for address in ("items/", ""):
            with CaptureQueriesContext(connection) as queries:
                page = words(handler.get(f"/requests/{road.request.reference}/{address}"))
            assert f"ay not be given to the company: {objected}" in page
            assert f"ay not be given to the company: {never}" in page
            seen.append(len(queries))
        with CaptureQueriesContext(connection) as queries:
            number = next(n for n, g in enumerate(groups) if g.likeness.barred == objected)
            assert group_post(handler, road, number, decision="WITHHOLD", refusal_code="R-OPT") == 302  # fmt: skip
        assert ItemDecision.objects.filter(request=road.request).count() == tenth
        counts.append([*seen, len(queries)])
    assert counts[0] == counts[1]


def test_an_objection_that_comes_in_meanwhile_takes_its_person_out_of_the_group(
    world: World, browser_of: Browsers
) -> None:
    road = marketing_road(world, 20)
    group = next(g for g in groups_of(road.request, now=world.now) if not g.likeness.barred)
    says(world, "OBJECTION_MARKETING", SubjectInput(name="Person 0", account_number="M20-0"), days_ago=1)
    data = {"group": group.key, "seen": group.seen, f"g{group.key}-decision": "WITHHOLD", f"g{group.key}-refusal_code": "R-NEC"}  # fmt: skip
    response = browser_of("handler").post(f"/requests/{road.request.reference}/items/", data)
    assert response.status_code == 422
    assert "The group has changed since you opened this page" in words(response)
    assert not ItemDecision.objects.exists()


def test_a_group_that_changed_meanwhile_is_not_decided(world: World, browser_of: Browsers) -> None:
    road = long_road(world, 30)
    answered(browser_of("holder"), asked(world, road), found=20)
    group = next(group for group in groups_of(road.request, now=world.now) if group.was_found)
    single = {"person-3-item-1-decision": "WITHHOLD", "person-3-item-1-refusal_code": "R-NEC"}
    assert (
        browser_of("verifier").post(f"/requests/{road.request.reference}/items/", single).status_code == 302
    )
    data = {"group": group.key, "seen": group.seen, f"g{group.key}-decision": "DISCLOSE"}
    response = browser_of("handler").post(f"/requests/{road.request.reference}/items/", data)
    assert response.status_code == 422
    assert "The group has changed since you opened this page, so nothing was decided." in words(response)
    assert ItemDecision.objects.count() == 1
    assert last("request.step_denied")["detail"]["objections"] == ["group_is_unchanged"]


def test_what_a_group_lacks_is_said_once_for_all_of_it(world: World, browser_of: Browsers) -> None:
    road = long_road(world, 30)
    answered(browser_of("holder"), asked(world, road), found=0)
    for given, said in (
        ({}, "Choose what happens with the lines of the group."),
        ({"decision": "WITHHOLD"}, "Choose the reason for withholding them."),
        ({"decision": "DISCLOSE"}, "Select a valid choice"),
    ):
        group = groups_of(road.request, now=world.now)[0]
        data = {f"g{group.key}-{name}": value for name, value in given.items()}
        response = browser_of("handler").post(
            f"/requests/{road.request.reference}/items/", {"group": group.key, "seen": group.seen, **data}
        )
        assert response.status_code == 422
        assert words(response).count(said) in {1, 2}, said
    assert not ItemDecision.objects.exists()


def test_the_lines_of_a_group_are_shown_page_by_page(world: World, browser_of: Browsers) -> None:
    road = long_road(world, 120)
    answered(browser_of("holder"), asked(world, road), found=110)
    group = next(group for group in groups_of(road.request, now=world.now) if group.was_found)
    where, seen = f"/requests/{road.request.reference}/lines/?group={group.key}", []
    client = browser_of("dpo")
    while where:
        page = client.get(where).content.decode()
        seen += re.findall(r"(\d+)\. Person \d+", page)
        onward = re.search(r'href="(\?[^"]*)" rel="next"', page)
        where = (
            f"/requests/{road.request.reference}/lines/{onward[1].replace('&amp;', '&')}" if onward else ""
        )
    assert [int(number) for number in seen] == list(range(1, 111))


def test_groups_tell_people_apart_by_item_search_flags_and_decision(
    world: World, browser_of: Browsers
) -> None:
    road = long_road(world, 30)
    answered(browser_of("holder"), asked(world, road), found=12)
    found = [(g.item.position, g.likeness.search, g.size) for g in groups_of(road.request, now=world.now)]
    assert found == [(1, "NOT_HELD", 18), (1, "FOUND", 12), (2, "NOT_ASKED", 30)]
    group_post(browser_of("handler"), road, 0, decision="WITHHOLD", refusal_code="R-NEC")
    assert [(g.likeness.decided, g.size) for g in groups_of(road.request, now=world.now)] == [("", 12), ("", 30), ("WITHHOLD R-NEC", 18)]  # fmt: skip


def test_a_group_is_decided_by_the_reviewer_and_by_nobody_else(world: World, browser_of: Browsers) -> None:
    road = long_road(world, 30)
    answered(browser_of("holder"), asked(world, road), found=30)
    for who in ("approver", "clerk", "dpo", "outsider", "holder", "admin"):
        assert group_post(browser_of(who), road, 0, decision="DISCLOSE") == 404
    assert browser_of("outsider").get(f"/requests/{road.request.reference}/lines/").status_code == 404
    assert not ItemDecision.objects.exists()
    assert SearchRecord.objects.filter(result="FOUND").count() == 30
    assert not Letter.objects.exists()
    assert entries("items.decided") == []
    assert road.request.state == State.IN_REVIEW


def test_the_history_and_the_odd_signs_count_everybody_though_the_page_opens_a_few(
    world: World, browser_of: Browsers
) -> None:
    people = tuple(
        SubjectInput(status="OTHER", name=f"Person {n}", account_number=f"ZX-{n}") for n in range(25)
    )
    road = world.road()
    road.record(subjects=people, items=(ItemInput(item_type="PAYMENTS", **MONTH),) * 20)
    road.confirm()
    decide_items(
        request_id=road.request.pk,
        decisions={
            (item, person): PairDecision(decision="WITHHOLD", refusal_code="R-NEC")
            for item in Item.objects.values_list("pk", flat=True)
            for person in Subject.objects.values_list("pk", flat=True)
        },
        actor=world["handler"],
        now=world.now,
    )
    page = words(browser_of("handler").get(f"/requests/{road.request.reference}/"))
    assert "25 people are named; the first 2 stand here." in page
    assert "500 items decided" in page
    assert ODD_SIGNS["MANY_PEOPLE"].words in page
