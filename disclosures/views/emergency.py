"""At night, on a telephone: one short page to take it in, one to see it through; and the list by day."""

from functools import partial
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts import services as accounts
from accounts.models import CompanyProfile
from accounts.roles import Role
from accounts.selectors import on_call_list, roles_of
from accounts.step_up import need_fresh_proof

from ..forms.emergency import AttemptForm, EmergencyForm, OnCallForm, ReadOutForm
from ..selectors import NotThere
from ..selectors.calls import rings
from ..selectors.facts import facts_for
from ..selectors.intake import bodies_that_ring
from ..selectors.opening import open_request
from ..selectors.work import staff_and_roles
from ..services import ActionRefused, emergency
from ..states import Action, Perm, State
from ..workflow import find, objections
from .answering import attempt, done, number_sent, posted, show
from .doors import desk_page, moment, person, prove_again, through_the_door

KEEPERS = {Role.TEAM_LEAD, Role.HEAD_OF_LEGAL}
READ_IT = KEEPERS | {Role.HANDLER, Role.APPROVER, Role.INTAKE_CLERK, Role.MLRO, Role.DPO}


def _key(http: HttpRequest) -> UUID:
    try:
        return UUID(http.POST.get("key", ""))
    except ValueError:
        return uuid4()


@desk_page
def take_in(http: HttpRequest) -> HttpResponse:
    user, now = person(http), moment()
    if not roles_of(user, now) & set(emergency.ON_DUTY):
        raise NotThere
    form, refused = EmergencyForm(posted(http), bodies=bodies_that_ring()), None
    key = _key(http)
    if form.is_valid():
        try:
            case = emergency.record_emergency(
                intake=form.intake(now), actor=user, now=now, recording_key=key.hex
            )
        except ActionRefused as caught:
            refused = caught
        else:
            said = f"{case.reference} is recorded. Now ring back through the register’s number."
            return done(http, said, "disclosures:emergency", case.reference)
    context = {"form": form, "key": key}
    return show(http, "disclosures/emergency/take_in.html", context, form, refused=refused)


@desk_page
def see_through(http: HttpRequest, reference: str) -> HttpResponse:
    """What is to be done, in its order; what may not be done yet says why."""
    case, user, now = through_the_door(http, reference, Perm.EMERGENCY)
    ring = AttemptForm(http.POST if "ring" in http.POST else None)
    read = ReadOutForm(
        http.POST if "read" in http.POST else None,
        received_at=case.received_at, now=now, initial={"at": now, "key": uuid4()},
    )  # fmt: skip
    refused = None
    if ring.is_valid():
        use = partial(
            emergency.record_attempt, request_id=case.pk, on_call_id=ring.cleaned_data["on_call"],
            result=ring.cleaned_data["result"], actor=user, now=now,
        )  # fmt: skip
        if (refused := attempt(use)) is None:
            return redirect("disclosures:emergency", reference)
    if read.is_valid():
        given = read.cleaned_data
        prove_again(http, case)
        release = partial(
            emergency.read_out_and_release, request_id=case.pk, action=read.action, words=given["words"],
            read_to=given["read_to"], number=given["number"], at=given["at"], actor=user, now=now,
            idempotency_key=given["key"].hex,
        )  # fmt: skip
        if (refused := attempt(release)) is None:
            said = "The release is recorded. The written form is due by the end of the next working day."
            return done(http, said, "disclosures:request", reference)
    opened = open_request(case, actor=user, now=now)
    facts = facts_for(case, actor=user, now=now, action=Action.PROPOSE_EMERGENCY)
    arrow = find(State(case.state), Action.PROPOSE_EMERGENCY)
    context = {
        "case": case,
        "opened": opened,
        "rung_back": "CALL_BACK" in facts.evidence_passed,
        "took_it_in": user.pk == case.recorded_by_id,
        "may_propose": arrow is not None,
        "against": [objection.sentence for objection in objections(arrow, facts)] if arrow else [],
        "proposed": case.state == State.EMERGENCY_PENDING,
        "is_approver": Role.APPROVER in facts.actor_roles,
        "rings": [(row, AttemptForm(initial={"on_call": row.on_call.pk}, auto_id=f"ring-{row.on_call.pk}-%s")) for row in rings(case, actor=user, now=now)],
        "read": read,
        "ring": ring,
        "key": uuid4(),
    }  # fmt: skip
    return show(http, "disclosures/emergency/see_through.html", context, ring, read, refused=refused)


@desk_page
def on_call(http: HttpRequest) -> HttpResponse:
    """The list of tonight; a team lead or the head of legal keeps it."""
    user, now = person(http), moment()
    roles = roles_of(user, now)
    if not roles & READ_IT:
        raise NotThere
    keeps = bool(roles & KEEPERS)
    if http.method == "POST" and not keeps:
        raise NotThere
    able = {row.pk: row for row, role in staff_and_roles(now) if role in {Role.HANDLER, Role.APPROVER}}
    form = OnCallForm(posted(http) if "put" in http.POST else None, people=list(able.values()))
    problem = ""
    try:
        if form.is_valid():
            accounts.put_on_call(
                user=form.chosen, position=form.cleaned_data["position"], phone=form.cleaned_data["phone"],
                actor=user, now=now,
            )  # fmt: skip
            return done(http, f"{form.chosen.display_name} is on the list.", "disclosures:on-call")
        if (taken_off := number_sent(http, "off")) is not None:
            accounts.take_off_call(on_call_id=taken_off, actor=user, now=now)
            return done(http, "Taken off the list.", "disclosures:on-call")
        if "alone" in http.POST:
            allowed = http.POST["alone"] == "yes"
            if allowed:
                need_fresh_proof(http)
            accounts.allow_lone_release(allowed=allowed, actor=user, now=now)
            return done(http, "The switch is set.", "disclosures:on-call")
    except accounts.Refused as caught:
        problem = str(caught)
    context = {
        "form": form,
        "rows": on_call_list(now),
        "keeps": keeps,
        "is_head": Role.HEAD_OF_LEGAL in roles,
        "alone": CompanyProfile.objects.filter(lone_release_allowed=True).exists(),
        "problem": problem,
    }
    return show(http, "disclosures/emergency/on_call.html", context, form)
