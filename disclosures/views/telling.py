"""The page on which it is recorded whether the person a request is about was told of it."""

from functools import partial

from django.http import HttpRequest, HttpResponse

from ..forms.telling import NotToldForm, ToldForm
from ..guards.telling import TELLERS
from ..models import SubjectNotice
from ..permissions import roles_on
from ..selectors.opening import open_parts
from ..selectors.rows import subject_notices_of
from ..services import ActionRefused
from ..services import subject_notices as services
from ..states import Perm
from .answering import attempt, done, posted, show
from .doors import desk_page, through_the_door

PAGE = "disclosures:telling"


@desk_page
def telling(http: HttpRequest, reference: str) -> HttpResponse:
    """Two buttons: `told` and `not-told`."""
    case, user, now = through_the_door(http, reference, Perm.RECORD)
    data, pressed = posted(http), http.POST.get("do", "")
    told = ToldForm(data if pressed == "told" else None)
    not_told = NotToldForm(data if pressed == "not-told" else None)
    refused: ActionRefused | None = None
    if told.is_valid():
        use = partial(services.record_told, request_id=case.pk, actor=user, now=now, **told.cleaned_data)
        if (refused := attempt(use)) is None:
            return done(http, "It is recorded that the person was told.", PAGE, reference)
    elif not_told.is_valid():
        given = not_told.cleaned_data
        use_no = partial(services.record_not_told, request_id=case.pk, actor=user, now=now, **given)
        if (refused := attempt(use_no)) is None:
            return done(http, "It is recorded that the person is not told.", PAGE, reference)
    rows = open_parts(case, subject_notices_of(case), actor=user, now=now)
    context = {
        "case": case,
        "waiting": rows[0] if rows and rows[0].what == SubjectNotice.What.PROPOSED else None,
        "answers": [row for row in rows if row.what != SubjectNotice.What.PROPOSED],
        "may_answer": bool(roles_on(user, case, now) & TELLERS),
        "told": told,
        "not_told": not_told,
    }
    return show(http, "disclosures/work/telling.html", context, told, not_told, refused=refused)
