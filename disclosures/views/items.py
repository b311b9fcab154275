"""The lines of a request, an item of a person each: read by everybody who sees it, decided by the reviewer."""

from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse

from ..catalogue import Refusal
from ..forms.items import GroupForm, PairForm
from ..models import Request
from ..selectors.closed import Closed, closed_to_disclosure
from ..selectors.likeness import GROUPS_FROM, Group, groups_of
from ..selectors.opening import Opened, OpenedRequest, open_request
from ..selectors.pages import pairs_shown
from ..selectors.work import Pair, PeoplePage, pairs_of, people_page, refusals_open_to
from ..services import ActionRefused, deciding, weighing
from ..states import Perm
from .answering import attempt, done, posted, show, whole_number
from .doors import desk_page, through_the_door

HERE = "disclosures:request"


class Place:
    """Which of the lines the page's address asks for: a group of like lines, and where in it the page begins."""

    def __init__(self, http: HttpRequest, case: Request, now: datetime) -> None:
        after, key = http.GET.get("after", ""), http.GET.get("group", "")
        self.many = people_page(case).count >= GROUPS_FROM
        groups = groups_of(case, now=now)
        self.groups = groups if self.many else []
        self.group = next((group for group in self.groups if group.key == key), None)
        start = whole_number(after, digits=5) or 0
        self.page: PeoplePage = people_page(case, after=start, group=self.group)

    @property
    def item(self) -> int | None:
        return self.group.likeness.item_id if self.group else None

    @property
    def next_address(self) -> str:
        if self.page.next_after is None:
            return ""
        group = {"group": self.group.key} if self.group else {}
        return "?" + urlencode({**group, "after": self.page.next_after})


@desk_page
def lines(http: HttpRequest, reference: str) -> HttpResponse:
    """Every line with what was searched and decided: what an approver signs, a page at a time."""
    case, user, now = through_the_door(http, reference, Perm.VIEW)
    place = Place(http, case, now)
    opened = open_request(case, actor=user, now=now, people=place.page.people)
    pairs = [pair for pair in pairs_shown(opened) if place.item in {None, pair.item.pk}]
    return show(http, "disclosures/work/lines.html", {"case": case, "place": place, "pairs": pairs})


@desk_page
def items(http: HttpRequest, reference: str) -> HttpResponse:
    """Decides what was chosen or changed on the page; what nobody touched stays as it is."""
    case, user, now = through_the_door(http, reference, Perm.REVIEW)
    place, refusals = Place(http, case, now), refusals_open_to(case)
    by_group = "group" in http.POST
    data = None if by_group else posted(http)
    pairs = pairs_of(case, place.page.people, only=place.item)
    closed = closed_to_disclosure(case, now=now)
    forms = [_pair_form(pair, refusals, closed, data) for pair in pairs]
    groups = [_group_form(group, refusals, closed, http if by_group else None) for group in place.groups]
    refused = None
    if by_group:
        said, refused = _decide_group(http, case, groups)
        if said:
            return done(http, said, "disclosures:items", reference)
    elif data is not None and all(form.is_valid() for form in forms):
        chosen = {
            (pair.item.pk, pair.subject.pk): weighing.PairDecision(**form.cleaned_data)
            for pair, form in zip(pairs, forms, strict=True)
            if form.to_save
        }
        where = "disclosures:items" if place.many else HERE
        if not chosen:
            return done(http, "Nothing was changed.", where, reference)
        use = partial(weighing.decide_items, request_id=case.pk, decisions=chosen, actor=user, now=now)
        if (refused := attempt(use)) is None:
            return done(http, f"Decided: {_counted(len(chosen))}.", where, reference)
    opened = open_request(case, actor=user, now=now, people=place.page.people)
    context = {
        "case": case,
        "place": place,
        "groups": groups,
        "people": _by_person(pairs, forms, opened),
        "opened": opened,
        "refusals": refusals,
    }
    return show(http, "disclosures/work/items.html", context, *groups, *forms, refused=refused)


def _decide_group(
    http: HttpRequest, case: Request, groups: list[GroupForm]
) -> tuple[str, ActionRefused | None]:
    """What to say when it is done; else nothing, and the refusal, if it was one."""
    key = http.POST["group"]
    form = next((form for form in groups if form.group.key == key), None)
    if form is not None and not form.is_valid():
        return "", None
    given = form.cleaned_data if form else {"decision": "", "refusal_code": "", "reason": ""}
    _, user, now = through_the_door(http, case.reference, Perm.REVIEW)
    use = partial(
        deciding.decide_group,
        request_id=case.pk,
        key=key,
        seen=http.POST.get("seen", ""),
        actor=user,
        now=now,
        **given,
    )
    refused = attempt(use)
    return ("" if refused else f"Decided: {_counted(form.group.size if form else 0)}."), refused


def _group_form(group: Group, refusals: list[Refusal], closed: Closed, http: HttpRequest | None) -> GroupForm:
    """What closes one line of the group closes the group: the others are then decided singly."""
    is_this = http is not None and http.POST["group"] == group.key
    initial = {"decision": "NOT_HELD" if group.likeness.search == "NOT_HELD" else ""}
    return GroupForm(
        http.POST if http is not None and is_this else None,
        group=group,
        closed=next(filter(None, (closed.why(group.item, at) for at in group.positions)), ""),
        refusals=refusals,
        initial=initial,
    )


def _pair_form(pair: Pair, refusals: list[Refusal], closed: Closed, data: Any) -> PairForm:
    held = pair.was_found or (pair.decision is not None and pair.decision.decision == "DISCLOSE")
    return PairForm(
        data,
        prefix=pair.prefix,
        where=pair.where,
        decided=pair.decision.decision if pair.decision else "",
        may_disclose=held,
        closed=closed.why(pair.item, pair.subject.position),
        shows_others=pair.item.catalogued.others,
        refusals=refusals,
    )


def _by_person(pairs: list[Pair], forms: list[PairForm], opened: OpenedRequest) -> list[dict[str, Any]]:
    things = {item.pk: item for item in opened.items}
    people: dict[int, dict[str, Any]] = {
        subject.pk: {"subject": subject, "rows": []} for subject in opened.subjects
    }
    for pair, form in zip(pairs, forms, strict=True):
        records = [
            row for row in opened.records if (row.item_id, row.subject_id) == (pair.item.pk, pair.subject.pk)
        ]
        decided = [
            row
            for row in opened.decisions
            if (row.item_id, row.subject_id) == (pair.item.pk, pair.subject.pk)
        ]
        if not form.is_bound:
            form.initial = _shown(pair, records, decided)
        row = {"item": things[pair.item.pk], "records": records, "form": form, "decided": decided}
        people[pair.subject.pk]["rows"].append(row)
    return list(people.values())


def _shown(pair: Pair, records: list[Opened], decided: list[Opened]) -> dict[str, str]:
    """What was decided; until then what the searches suggest: the finds as text, or that nothing is held."""
    finds = "\n".join(row.found for row in records if row.found)
    if not decided:
        return {
            "decision": "NOT_HELD" if pair.is_not_held else "",
            "text": finds,
            "others": "NOT_ASKED",
        }
    row = decided[0]
    return {
        "decision": row.decision,
        "refusal_code": row.refusal_code,
        "text": row.text or finds,
        "others": row.others or "NOT_ASKED",
        "others_text": row.others_text,
        "others_reason": row.others_reason,
        "reason": row.reason,
    }


def _counted(number: int) -> str:
    return "1 item" if number == 1 else f"{number:,} items"
