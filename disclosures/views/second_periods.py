"""What the second periods of an instrument hang on, recorded by whoever writes on file."""

from functools import partial

from django.http import HttpRequest, HttpResponse

from ..forms.second_periods import PeriodForm
from ..selectors.second_periods import offered, open_period_events
from ..selectors.work import governing_instrument
from ..services.second_periods import record_period_event
from ..states import Perm
from .answering import attempt, done, posted, show
from .doors import desk_page, through_the_door


@desk_page
def second_periods(http: HttpRequest, reference: str) -> HttpResponse:
    case, user, now = through_the_door(http, reference, Perm.RECORD)
    instrument = governing_instrument(case)
    choices = [(what.value, what.label) for what in offered(instrument.terms if instrument else None)]
    form, refused = PeriodForm(posted(http), offered=choices), None
    if form.is_valid():
        use = partial(record_period_event, request_id=case.pk, actor=user, now=now, **form.cleaned_data)
        if (refused := attempt(use)) is None:
            return done(
                http, "Recorded. The clocks were counted again.", "disclosures:second-periods", reference
            )
    context = {
        "case": case,
        "form": form,
        "is_asked": bool(choices),
        "events": open_period_events(case, actor=user, now=now),
    }
    return show(http, "disclosures/work/second_periods.html", context, form, refused=refused)
