"""A letter given to be sent by mail: whither, until when it can be called back, and the password to be told."""

from functools import partial
from typing import cast

from django.http import HttpRequest, HttpResponse

from ..forms.letters import MailForm
from ..models import Letter
from ..selectors.delivered import newest_mail
from ..selectors.letter_text import letter_of
from ..selectors.opening import open_password, open_request
from ..services.letter_mail import call_back_letter, faults_of_mailing, queue_letter
from ..services.letters import TO_SEND
from .answering import attempt, done, posted, show
from .doors import desk_page, through_the_door
from .letters import NAMES, needs_proof, purpose_of, usual_way

HERE = "disclosures:letter-mail"
# Said instead of the form: what no other address would change.
OF_THE_ADDRESS = frozenset({"letter_has_an_address", "answer_goes_to_the_bodys_own_mailbox"})


@desk_page
def mail_letter(http: HttpRequest, reference: str, purpose: str) -> HttpResponse:
    wanted = purpose_of(purpose)
    case, user, now = through_the_door(http, reference, TO_SEND[wanted])
    calling_back = "back" in http.POST
    form, refused = MailForm(None if calling_back else posted(http)), None
    if calling_back:
        use = partial(call_back_letter, request_id=case.pk, purpose=wanted, actor=user, now=now)
        if (refused := attempt(use)) is None:
            return done(http, f"The {NAMES[wanted]} is called back.", HERE, reference, purpose)
    if form.is_valid():
        needs_proof(http, case, wanted)
        address = form.cleaned_data["address"]
        queue = partial(
            queue_letter, request_id=case.pk, purpose=wanted, address=address, actor=user, now=now
        )
        if (refused := attempt(queue)) is None:
            return done(http, f"The {NAMES[wanted]} waits to leave.", HERE, reference, purpose)
    opened = open_request(case, actor=user, now=now)
    letter = letter_of(opened, wanted)
    newest = newest_mail(case, wanted)
    if not form.is_bound:
        form.initial = {"address": usual_way(opened, wanted)["sent_to"]}
    row = cast(Letter, letter.row) if letter else None
    faults = faults_of_mailing(case, row, "", actor=user, now=now)
    context = {
        "case": case,
        "form": form,
        "letter": letter,
        "purpose": purpose,
        "name": NAMES[wanted],
        "mail": open_password(case, newest, actor=user, now=now) if newest else None,
        "held": newest is not None and newest.waits and now < newest.leaves_at,
        "switchboard": case.body.switchboard if case.body else "",
        "faults": [sentence for guard, sentence in faults if guard not in OF_THE_ADDRESS],
    }
    return show(http, "disclosures/letters/mail.html", context, form, refused=refused)
