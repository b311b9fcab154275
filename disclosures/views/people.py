"""Who has a request, who is kept out of it, and who alone may know of it."""

from collections.abc import Iterable
from functools import partial

from django.http import HttpRequest, HttpResponse

from accounts.roles import Role
from accounts.step_up import need_fresh_proof
from audit.models import Log

from ..forms.people import (
    AssignForm,
    ExcludeForm,
    MemberForm,
    MemberTimeForm,
    OpenForm,
    RestrictForm,
)
from ..permissions import who_may
from ..selectors.opening import Opened, open_members
from ..selectors.work import governing_instrument, not_excluded, staff_and_roles
from ..services import ActionRefused, access, compartment
from ..services.members import MEMBER_ROLES
from ..states import Perm
from .answering import attempt, done, number_sent, posted, show
from .doors import desk_page, prove_again, through_the_door

HERE = "disclosures:request"


@desk_page
def assign(http: HttpRequest, reference: str) -> HttpResponse:
    case, user, now = through_the_door(http, reference, Perm.ASSIGN)
    people = who_may(request=case, perm=Perm.VIEW, now=now)
    held_by = case.assignee.ref if case.assignee else ""
    form, refused = AssignForm(posted(http), people=people, held_by=held_by), None
    if form.is_valid():
        chosen = form.chosen
        use = partial(access.assign_request, request_id=case.pk, assignee=chosen, actor=user, now=now)
        if (refused := attempt(use)) is None:
            said = f"{chosen.display_name} has it now." if chosen else "Nobody has it now."
            return done(http, said, HERE, reference)
    return show(http, "disclosures/work/assign.html", {"case": case, "form": form}, form, refused=refused)


@desk_page
def exclude(http: HttpRequest, reference: str) -> HttpResponse:
    case, user, now = through_the_door(http, reference, Perm.EXCLUDE)
    form, refused = ExcludeForm(posted(http), people=not_excluded(case, now)), None
    if form.is_valid():
        kept_out, reason = form.chosen, form.cleaned_data["reason"]
        use = partial(
            access.exclude_person, request_id=case.pk, person=kept_out, reason=reason, actor=user, now=now
        )
        if (refused := attempt(use)) is None:
            if kept_out == user:
                return done(http, f"You no longer see {reference}.", "disclosures:home")
            return done(http, f"{kept_out.display_name} no longer sees this request.", HERE, reference)
    return show(http, "disclosures/work/exclude.html", {"case": case, "form": form}, form, refused=refused)


@desk_page
def restrict(http: HttpRequest, reference: str) -> HttpResponse:
    """The proof is asked for in the sealed log, where the request is from now on."""
    case, user, now = through_the_door(http, reference, Perm.RESTRICT)
    others = [
        (person, role) for person, role in staff_and_roles(now) if person != user and role in MEMBER_ROLES
    ]
    form, refused = RestrictForm(posted(http), staff=others), None
    if form.is_valid():
        need_fresh_proof(http, log=Log.SEALED, ref=reference)
        use = partial(access.restrict_request, request_id=case.pk, actor=user, now=now, **form.cleaned_data)
        if (refused := attempt(use)) is None:
            return done(http, "Only its named members know of this request now.", HERE, reference)
    return show(http, "disclosures/work/restrict.html", {"case": case, "form": form}, form, refused=refused)


@desk_page
def members(http: HttpRequest, reference: str) -> HttpResponse:
    """The named members of a restricted request; of one that is open to the desk it says so.

    Three forms: who is taken out (`end`), whose time is changed (`time-member`), who is named.
    """
    case, user, now = through_the_door(http, reference, Perm.RESTRICT)
    named = open_members(case, actor=user, now=now)
    data = posted(http)
    ends, extends = "end" in http.POST, "time-member" in http.POST
    staff = [(person, role) for person, role in staff_and_roles(now) if role in MEMBER_ROLES]
    form = MemberForm(None if ends or extends else data, staff=staff)
    longer = MemberTimeForm(data if extends else None, members=_in_words(named))
    refused: ActionRefused | None = None
    if form.is_valid():
        prove_again(http, case)
        person, role = form.chosen
        add = partial(
            compartment.add_member, request_id=case.pk, person=person, member_role=role, begins=form.begins,
            until=form.until, reason=form.cleaned_data["reason"], actor=user, now=now,
        )  # fmt: skip
        if (refused := attempt(add)) is None:
            return done(http, f"{person.display_name} is named.", "disclosures:members", reference)
    elif longer.is_valid():
        prove_again(http, case)
        extend = partial(
            compartment.extend_member, request_id=case.pk, member_id=int(longer.cleaned_data["member"]),
            until=longer.until, reason=longer.cleaned_data["reason"], actor=user, now=now,
        )  # fmt: skip
        if (refused := attempt(extend)) is None:
            return done(http, "The time is changed.", "disclosures:members", reference)
    elif (ending := number_sent(http, "end")) is not None:
        prove_again(http, case)
        end = partial(compartment.end_member, request_id=case.pk, member_id=ending, actor=user, now=now)
        if (refused := attempt(end)) is None:
            return done(http, "Taken out. From now on the request does not exist for them.", HERE, reference)
    context = {"case": case, "form": form, "longer": longer, "members": named}
    return show(http, "disclosures/work/members.html", context, form, longer, refused=refused)


def _in_words(named: Iterable[Opened]) -> list[tuple[int, str]]:
    return [
        (row.pk, f"{row.user.display_name}, {Role(row.role).label.lower()}") for row in named if not row.waits
    ]


@desk_page
def open_to_desk(http: HttpRequest, reference: str) -> HttpResponse:
    case, user, now = through_the_door(http, reference, Perm.TRIAGE)
    form, refused = OpenForm(posted(http)), None
    if form.is_valid():
        prove_again(http, case)
        ground = form.cleaned_data["ground"]
        use = partial(access.open_at_triage, request_id=case.pk, ground=ground, actor=user, now=now)
        if (refused := attempt(use)) is None:
            return done(http, "The request is open to the desk.", HERE, reference)
    context = {
        "case": case,
        "form": form,
        "instrument": governing_instrument(case),
    }
    return show(http, "disclosures/work/open.html", context, form, refused=refused)
