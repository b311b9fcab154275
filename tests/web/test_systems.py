"""The register of systems, and the reminders to those who look into them."""

from datetime import UTC, datetime, time, timedelta

import pytest

from disclosures.models import HeldSystem, OutboxRow, SystemVersion
from disclosures.notifications import notice_for, recipients
from disclosures.selectors.work import holdings_of
from disclosures.services.chasing import chase_searches
from disclosures.services.searching import ask_for_search
from disclosures.services.systems import SystemRefused, change_system
from disclosures.states import Action, State
from tests.services.log_lines import last
from tests.web.work_pages import Browsers, at, page_of
from tests.world import World

pytestmark = pytest.mark.django_db

LIST = "/registers/systems/"


def given(system: HeldSystem, **changes: object) -> dict:
    return {
        "name": system.name, "keeper": system.keeper, "holds": system.holds, "is_active": "on",
        "seen": system.version, **changes,
    }  # fmt: skip


# The register ----------------------------------------------------------------------------------------


def test_who_holds_what_is_one_page_and_what_nobody_holds_is_named(
    world: World, browser_of: Browsers
) -> None:
    shown = page_of(browser_of("handler").get(LIST)).text
    assert "Payments made to us, and how" in shown
    assert "Billing team" in shown
    assert "Held by no system in the register" in shown
    assert "Add a system" not in shown


def test_a_new_system_is_asked_from_then_on(world: World, browser_of: Browsers) -> None:
    road = at(world, State.IN_REVIEW)
    data = {"name": "Parcel desk", "code": "parcels", "keeper": "Post room", "holds": ["PAYMENTS"], "is_active": "on", "seen": 0}  # fmt: skip
    assert browser_of("lead").post(LIST + "new/", data).status_code == 302
    entry = last("system.registered")
    assert entry["object"] == {"type": "system", "ref": "parcels", "version": 1}
    assert entry["actor"]["role"] == "TEAM_LEAD"
    assert "Parcel desk" in [holding.system.name for holding in holdings_of(road.request)[0]]
    again = browser_of("admin").post(LIST + "new/", data)
    assert "There is a system under “parcels” already." in page_of(again, 422).text


def test_what_the_register_said_before_stays_to_be_read(world: World, browser_of: Browsers) -> None:
    system = HeldSystem.objects.get(code="billing")
    page = LIST + "billing/"
    answer = browser_of("lead").post(page, given(system, keeper="Accounts", holds=["PAYMENTS"]))
    assert answer.status_code == 302
    shown = page_of(browser_of("handler").get(page)).text
    assert "Billing, Billing team" in shown
    assert "Billing, Accounts" in shown
    assert "Set-up" in shown
    assert world["lead"].display_name in shown
    assert last("system.changed")["detail"]["holds"] == ["PAYMENTS"]
    assert SystemVersion.objects.filter(system=system).count() == 2


def test_everything_wrong_is_told_at_once(world: World, browser_of: Browsers) -> None:
    empty = page_of(browser_of("lead").post(LIST + "new/", {}), 422).text
    assert "“Name of the system” needs an answer." in empty
    assert "“Short code” needs an answer." in empty
    bad = {"name": "X", "code": "No Code!", "holds": ["WEATHER"], "seen": 0}
    told = page_of(browser_of("lead").post(LIST + "new/", bad), 422).text
    assert "Use lower-case letters, digits and hyphens only." in told
    assert "Choose from the kinds of item shown." in told
    system = HeldSystem.objects.get(code="billing")
    nothing = browser_of("lead").post(LIST + "billing/", given(system, holds=[]))
    assert "Say what the system holds." in page_of(nothing, 422).text


def test_two_who_change_it_at_once_do_not_write_over_each_other(world: World, browser_of: Browsers) -> None:
    before = given(HeldSystem.objects.get(code="billing"))
    assert browser_of("lead").post(LIST + "billing/", {**before, "keeper": "A"}).status_code == 302
    answer = browser_of("admin").post(LIST + "billing/", {**before, "keeper": "B"})
    assert "Somebody else changed this system in the meantime." in page_of(answer, 422).text
    assert HeldSystem.objects.get(code="billing").keeper == "A"


@pytest.mark.parametrize(("who", "reads"), [("handler", True), ("head", True), ("holder", False), ("outsider", False), ("auditor", False)])  # fmt: skip
def test_the_desk_reads_the_register_and_its_keepers_change_it(
    world: World, browser_of: Browsers, who: str, reads: bool
) -> None:
    system = HeldSystem.objects.get(code="billing")
    assert browser_of(who).get(LIST).status_code == (200 if reads else 404)
    assert browser_of(who).get(LIST + "billing/").status_code == (200 if reads else 404)
    assert browser_of(who).post(LIST + "billing/", given(system)).status_code == 404
    assert browser_of(who).get(LIST + "new/").status_code == 404
    with pytest.raises(SystemRefused, match="Only a team lead or an administrator"):
        change_system(
            code="billing", name="B", keeper="", holds=["PAYMENTS"], is_active=True, seen=1,
            actor=world[who], now=world.now,
        )  # fmt: skip


def test_a_system_that_is_not_there_is_a_page_that_is_not_there(browser_of: Browsers) -> None:
    assert browser_of("lead").get(LIST + "nothing/").status_code == 404


# Chasers ---------------------------------------------------------------------------------------------


def asked(world: World):
    road = world.road()
    road.confirm()
    system = HeldSystem.objects.get(code="billing")
    return road, ask_for_search(
        request_id=road.request.pk, system_id=system.pk, actor=world["handler"], now=world.now
    )


def noon(day) -> datetime:
    return datetime.combine(day, time(12), tzinfo=UTC)


def chased(task) -> list[str]:
    keys = OutboxRow.objects.filter(topic="search.chased").order_by("id").values_list("key", flat=True)
    return [key.removeprefix(f"chaser:{task.reference}:") for key in keys]


def test_a_search_is_chased_before_its_day_on_it_and_daily_after_it(world: World) -> None:
    _, task = asked(world)
    assert chase_searches(now=noon(task.due_on - timedelta(days=2))) == 0
    days = [task.due_on + timedelta(days=n) for n in (-1, 0, 1, 2)]
    for day in days:
        assert chase_searches(now=noon(day)) == 1
        assert chase_searches(now=noon(day) + timedelta(hours=1)) == 0, "once for each day"
    assert chased(task) == ["before", *(day.isoformat() for day in days[1:])]


def test_the_reminder_goes_to_the_holder_and_says_whether_it_is_late(world: World) -> None:
    road, task = asked(world)
    payload = {"request": road.request.pk, "task": task.pk}
    early = notice_for("search.chased", payload, noon(task.due_on))
    late = notice_for("search.chased", payload, noon(task.due_on + timedelta(days=1)))
    assert early
    assert late
    assert (early.about, early.words) == (task.reference, "a search that still waits for you")
    assert (late.words, late.due_on) == ("a search that is overdue", task.due_on)
    assert road.request.reference not in late.path, "not even the reference of the request behind it"
    assert recipients(late, world.now) == [world["holder"]]


def test_nobody_is_chased_for_what_is_answered_or_called_off(world: World) -> None:
    road, task = asked(world)
    road.step("clerk", Action.WITHDRAW)
    assert chase_searches(now=noon(task.due_on)) == 0
    assert notice_for("search.chased", {"request": road.request.pk, "task": task.pk}, world.now) is None
