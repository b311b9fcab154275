"""The people of a request that names too many for a form: a page of them, and one at a time to be corrected."""

from functools import partial

from django.http import HttpRequest, HttpResponse

from ..forms.person import PersonForm
from ..selectors.long_list import open_people, open_person
from ..services.people import correct_person
from ..states import Perm
from .answering import attempt, done, posted, show, whole_number
from .doors import desk_page, through_the_door


@desk_page
def edit_people(http: HttpRequest, reference: str) -> HttpResponse:
    """`?person=` names one by the position, `?after=` the position that the page follows."""
    number = http.GET.get("person", "")
    if number:
        return _one(http, reference, whole_number(number, digits=9) or 0)
    case, user, now = through_the_door(http, reference, Perm.EDIT)
    after = whole_number(http.GET.get("after", ""), digits=9) or 0
    page, people = open_people(case, after=after, actor=user, now=now)
    context = {"case": case, "page": page, "people": people}
    return show(http, "disclosures/intake/people.html", context)


def _one(http: HttpRequest, reference: str, position: int) -> HttpResponse:
    case, user, now = through_the_door(http, reference, Perm.EDIT)
    opened = open_person(case, position, actor=user, now=now)
    form, refused = PersonForm(posted(http), shown=opened, now=now), None
    if form.is_valid():
        use = partial(
            correct_person,
            request_id=case.pk,
            position=position,
            person=form.person,
            seen_version=whole_number(http.POST.get("version", ""), digits=9) or 0,
            actor=user,
            now=now,
        )
        if (refused := attempt(use)) is None:
            return done(http, f"Person {position} is corrected.", "disclosures:edit-people", reference)
    context = {"case": case, "form": form, "position": position}
    return show(http, "disclosures/intake/person.html", context, form, refused=refused)
