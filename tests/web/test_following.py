"""Watching, notices in the bar, and the messages with a company: each to those who may see the request, and nobody else."""

import re
from uuid import uuid4

import pytest
from django.test import Client

from disclosures.demo_kinds import CompanyRoad
from disclosures.models import Comment, Message, PersonalNotice, Request, Watch
from disclosures.selectors import NotThere
from disclosures.selectors.notices import ROWS, notice_page, unread_of
from disclosures.services import ActionRefused
from disclosures.services.access import assign_request, exclude_person, restrict_request
from disclosures.services.delivering import deliver
from disclosures.services.following import stop_watching, watch_request, write_to_company
from disclosures.services.notices import mark_notices_read
from disclosures.services.on_file import write_comment
from disclosures.states import Action, State
from tests.services.log_lines import entries, last
from tests.web.work_pages import Browsers, at, page_of
from tests.world import World, now

pytestmark = pytest.mark.django_db


def company_request(world: World, state: State = State.IN_REVIEW) -> Request:
    return CompanyRoad(world.people, world.police, world.now, number=501).to(state)


def told(world: World, who: str) -> list[str]:
    return [row.words for row in notice_page(world[who], world.now, None).rows]


# Watching --------------------------------------------------------------------------------------------


def test_whoever_watches_hears_of_every_move_but_their_own(world: World, browser_of: Browsers) -> None:
    road = at(world, State.SUBMITTED)
    here = f"/requests/{road.request.reference}/"
    assert browser_of("dpo").post(here + "watch/", {"watch": "on"}).status_code == 302
    watch_request(request_id=road.request.pk, actor=world["handler"], now=world.now)
    road.step("handler", Action.ACCEPT)
    assert told(world, "dpo") == ["is now “being verified”"]
    assert told(world, "handler") == []
    shown = page_of(browser_of("dpo").get("/notices/")).text
    assert "New: is now “being verified”" in " ".join(shown.split())
    assert road.request.reference in shown
    assert "Notices 1" in " ".join(page_of(browser_of("dpo").get("/queue/")).text.split())
    assert last("request.watched")["object"]["ref"] == road.request.reference


def test_what_was_shown_is_marked_as_read_and_what_came_later_is_not(
    world: World, browser_of: Browsers
) -> None:
    road = at(world, State.SUBMITTED)
    watch_request(request_id=road.request.pk, actor=world["dpo"], now=world.now)
    road.step("handler", Action.ACCEPT)
    newest = notice_page(world["dpo"], world.now, None).newest
    assert newest
    road.step("handler", Action.RETURN, reason="The form is not signed.")
    assert browser_of("dpo").post("/notices/", {"up_to": newest}).status_code == 302
    assert unread_of(world["dpo"], world.now) == 1
    assert mark_notices_read(user=world["lead"], up_to=newest, now=world.now) == 0, "only one's own"
    for odd in ("", "x", "9" * 40, str(uuid4())):
        assert browser_of("dpo").post("/notices/", {"up_to": odd}).status_code == 302
    assert unread_of(world["dpo"], world.now) == 1


def test_the_next_page_of_notices_begins_behind_one_that_is_named_by_chance(
    world: World, browser_of: Browsers
) -> None:
    """A number would count the notices of requests that are secret of this person."""
    road = at(world, State.SUBMITTED)
    watch_request(request_id=road.request.pk, actor=world["dpo"], now=world.now)
    PersonalNotice.objects.bulk_create(
        PersonalNotice(user=world["dpo"], request=road.request, words=f"Word {number}.", made_at=world.now)
        for number in range(ROWS + 1)
    )
    first = notice_page(world["dpo"], world.now, None)
    assert (len(first.rows), first.before) == (ROWS, first.rows[-1].ref)
    shown = browser_of("dpo").get("/notices/").content.decode()
    numbers = {str(pk) for pk in PersonalNotice.objects.values_list("pk", flat=True)}
    assert not {f'value="{number}"' for number in numbers} & set(re.findall(r'value="[^"]*"', shown))
    assert f"?before={first.before}" in shown
    second = page_of(browser_of("dpo").get(f"/notices/?before={first.before}")).text
    assert "Word 0." in second
    assert "Word 1." not in second
    assert notice_page(world["lead"], world.now, first.before).rows == []


def test_watching_twice_is_one_watch_and_ends_with_one_word(world: World) -> None:
    road = at(world, State.SUBMITTED)
    for _ in range(2):
        watch_request(request_id=road.request.pk, actor=world["dpo"], now=world.now)
    assert len(entries("request.watched")) == 1
    for _ in range(2):
        stop_watching(request_id=road.request.pk, actor=world["dpo"], now=world.now)
    assert len(entries("request.unwatched")) == 1
    road.step("handler", Action.ACCEPT)
    assert told(world, "dpo") == []


def test_whoever_has_it_hears_of_it_without_watching(world: World) -> None:
    road = at(world, State.SUBMITTED)
    assign_request(request_id=road.request.pk, assignee=world["verifier"], actor=world["lead"], now=world.now)
    assert told(world, "verifier") == ["has been given to somebody"]
    road.step("handler", Action.ACCEPT)
    assert told(world, "verifier")[0] == "is now “being verified”"


def test_a_request_that_became_a_secret_is_neither_told_shown_nor_counted(world: World) -> None:
    road = at(world, State.SUBMITTED)
    watch_request(request_id=road.request.pk, actor=world["dpo"], now=world.now)
    road.step("handler", Action.ACCEPT)
    assert unread_of(world["dpo"], world.now) == 1
    restrict_request(
        request_id=road.request.pk, members={world["handler"]: "HANDLER"}, reason="An order came.",
        actor=world["head"], now=world.now,
    )  # fmt: skip
    assert unread_of(world["dpo"], world.now) == 0
    page = notice_page(world["dpo"], world.now, None)
    assert (page.rows, page.watched) == ([], [])
    before = PersonalNotice.objects.count()
    road.step("handler", Action.RETURN, reason="The order is not signed.")
    assert PersonalNotice.objects.filter(user=world["dpo"]).count() == before


def test_whoever_is_excluded_hears_nothing_more(world: World) -> None:
    road = at(world, State.SUBMITTED)
    watch_request(request_id=road.request.pk, actor=world["dpo"], now=world.now)
    road.step("handler", Action.ACCEPT)
    exclude_person(
        request_id=road.request.pk, person=world["dpo"], reason="A cousin.", actor=world["lead"],
        now=world.now,
    )  # fmt: skip
    assert unread_of(world["dpo"], world.now) == 0
    assert told(world, "dpo") == []


@pytest.mark.parametrize("who", ["outsider", "auditor", "holder", "admin"])
def test_nobody_watches_what_they_may_not_see(world: World, browser_of: Browsers, who: str) -> None:
    road = at(world, State.SUBMITTED)
    here = f"/requests/{road.request.reference}/watch/"
    assert browser_of(who).post(here, {"watch": "on"}).status_code == 404
    with pytest.raises(NotThere):
        watch_request(request_id=road.request.pk, actor=world[who], now=world.now)
    assert browser_of(who).get("/notices/").status_code == 404
    assert not Watch.objects.exists()


def test_a_page_asks_no_more_with_a_hundred_notices_than_with_one(
    world: World, django_assert_max_num_queries
) -> None:
    road = at(world, State.SUBMITTED)
    with django_assert_max_num_queries(1):
        assert unread_of(world["dpo"], world.now) == 0
    PersonalNotice.objects.bulk_create(
        PersonalNotice(user=world["dpo"], request=road.request, words="is now “draft”", made_at=world.now)
        for _ in range(120)
    )
    with django_assert_max_num_queries(1):
        assert unread_of(world["dpo"], world.now) == 99
    page = notice_page(world["dpo"], world.now, None)
    assert len(page.rows) == 30
    assert notice_page(world["dpo"], world.now, page.before).rows[0].pk == page.rows[-1].pk - 1


# Messages --------------------------------------------------------------------------------------------


def test_a_message_goes_to_the_company_and_its_answer_comes_back(
    world: World, browser_of: Browsers, mailoutbox: list
) -> None:
    request = company_request(world)
    assign_request(request_id=request.pk, assignee=world["handler"], actor=world["lead"], now=world.now)
    desk, ours = f"/requests/{request.reference}/", f"/company/{request.reference}/"
    write_comment(request_id=request.pk, words="Between us: odd.", actor=world["handler"], now=world.now)
    sent = browser_of("handler").post(desk + "messages/", {"words": "Which branch do you mean?"})
    assert sent.status_code == 302
    read = page_of(browser_of("outsider").get(ours)).text
    assert "Which branch do you mean?" in read
    assert "Disclosure desk" in read
    assert world["handler"].display_name not in read
    assert "Between us" not in read
    answer = browser_of("outsider").post(ours + "messages/", {"words": "The one in Northshire."})
    assert answer.status_code == 302
    back = page_of(browser_of("handler").get(desk)).text
    assert "The one in Northshire." in back
    assert "has a message from the company" in told(world, "handler")
    while deliver(now=now()):
        pass
    mails = {(mail.to[0], mail.subject) for mail in mailoutbox}
    assert any(to == world["outsider"].email and "message for you" in subject for to, subject in mails)
    assert any(to == world["handler"].email and "from the company" in subject for to, subject in mails)
    assert not any("Northshire" in mail.body or "branch" in mail.body for mail in mailoutbox)
    assert (Message.objects.count(), Comment.objects.count()) == (2, 1)


def test_the_log_commits_to_a_message_and_does_not_show_it(world: World) -> None:
    request = company_request(world)
    write_to_company(request_id=request.pk, words="Which branch?", actor=world["handler"], now=world.now)
    entry = last("message.written")
    assert entry["detail"]["to"] == "company"
    assert "words" in entry["commits"]
    assert "branch" not in str(entry)


def test_nobody_writes_into_the_void(world: World, browser_of: Browsers) -> None:
    road = at(world, State.IN_REVIEW)
    page = f"/requests/{road.request.reference}/messages/"
    assert "has no account here" in page_of(browser_of("handler").get(page)).text
    answer = browser_of("handler").post(page, {"words": "Hello?"})
    assert "Write a letter, or record a call." in page_of(answer, 422).text
    request = company_request(world)
    restrict_request(
        request_id=request.pk, members={world["handler"]: "HANDLER"}, reason="An order came.",
        actor=world["head"], now=world.now,
    )  # fmt: skip
    with pytest.raises(ActionRefused, match="company_may_hear"):
        write_to_company(request_id=request.pk, words="Hello?", actor=world["handler"], now=world.now)
    assert browser_of("outsider").get(f"/company/{request.reference}/messages/").status_code == 404


def test_an_empty_message_is_told_and_a_draft_has_nobody_to_read_it(
    world: World, browser_of: Browsers
) -> None:
    draft = CompanyRoad(world.people, world.police, world.now, number=502).record()
    page = f"/company/{draft.reference}/messages/"
    empty = page_of(browser_of("outsider").post(page, {"words": " "}), 422).text
    assert "“Message” needs an answer." in empty
    early = page_of(browser_of("outsider").post(page, {"words": "Hello"}), 422).text
    assert "Send the request first" in early
    assert not Message.objects.exists()


@pytest.mark.parametrize("who", ["auditor", "holder", "admin"])
def test_messages_are_for_the_desk_and_the_company_that_asks(
    world: World, browser_of: Browsers, who: str
) -> None:
    request = company_request(world)
    client: Client = browser_of(who)
    assert client.get(f"/requests/{request.reference}/messages/").status_code == 404
    assert client.get(f"/company/{request.reference}/messages/").status_code == 404
