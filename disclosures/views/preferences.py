"""The register of preferences: what people said about being approached. It knows nobody by name."""

from uuid import uuid4

from django.http import HttpRequest, HttpResponse

from accounts.ownership import companies
from accounts.rates import count_use
from accounts.roles import Role
from accounts.selectors import roles_of
from privacy.models import Preference
from privacy.selectors import preference_counts
from privacy.services import PreferenceRefused, look_up_preferences, record_preference

from ..forms.preferences import LookUpForm, PreferenceForm
from ..selectors import NotThere
from ..templatetags.desk import DESK, Problem
from .answering import done, posted, show
from .doors import desk_page, moment, person


@desk_page
def preferences(http: HttpRequest) -> HttpResponse:
    """Looks somebody up, or records what they said. What is typed is never in an address."""
    user, now = person(http), moment()
    if not roles_of(user, now) & (DESK | {Role.ADMIN}):
        raise NotThere
    data = posted(http)
    finding = LookUpForm(data if data and "find" in data else None)
    adding = PreferenceForm(
        data if data and "add" in data else None,
        companies=companies(),
        now=now,
        initial={"record_id": f"desk-{uuid4().hex}", "drawn_at": now.isoformat()},
    )
    found: list[Preference] | None = None
    problems: list[Problem] = []
    try:
        if finding.is_valid():
            count_use(http, "search")
            found = look_up_preferences(**finding.marks(), actor=user, now=now)
        if adding.is_valid():
            record_preference(given=adding.given(), actor=user, now=now)
            return done(http, "It is recorded, and holds from now on.", "disclosures:preferences")
    except PreferenceRefused as refused:
        problems = [Problem(reason, "") for reason in refused.reasons]
    context = {"finding": finding, "adding": adding, "found": found, "counts": preference_counts()}
    return show(http, "disclosures/registers/preferences.html", context, finding, adding, more=problems)
