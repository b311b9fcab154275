"""The text of our letters, as the head of legal and the administrators may change it."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse

from accounts.models import User

from ..forms.wording import WordingForm
from ..selectors import NotThere
from ..selectors.wording import may_word_letters, versions_of, wording_in_force, wordings_in_force
from ..services.wording import WordingRefused, unword_letter, word_letter
from ..templatetags.desk import Problem
from ..wording import LETTERS, LetterKind, faults_of, house_text, written
from .answering import done, posted, show
from .doors import desk_page, moment, person

BY_SLUG = {kind.slug: kind for kind in LETTERS.values()}
# What the places are filled with to show the letter before anybody gets one.
SAMPLES = {
    "dear": "Robin Sample",
    "date of request": "2 March 2026",
    "our reference": "CP-7F3K-92QM",
    "your reference": "NS/0000/26",
    "law": "Data Protection Act 2018, Schedule 2, paragraph 2",
    "received on": "3 March 2026",
    "how it came": "post",
    "reason": "The countersignature is missing.",
    "missing": "- the likely prejudice\n- the period of each item",
    "given": "Payments made to us\nAbout: Alex Example\n\n3 February 2026: £41.20",
    "nothing held": "Engineers’ notes of visits\nAbout: Alex Example",
    "withheld": "Letters and e-mails\nAbout: Alex Example\n\nWhy: It is out of proportion to the purpose stated.",
    "searched on": "5 March 2026",
    "whom not to tell": "the person",
    "look again on": "1 June 2026",
}


def _editor(http: HttpRequest) -> tuple[User, datetime]:
    user, now = person(http), moment()
    if not may_word_letters(user, now):
        raise NotThere
    return user, now


@desk_page
def letters(http: HttpRequest) -> HttpResponse:
    _editor(http)
    return show(http, "disclosures/wording/list.html", {"letters": wordings_in_force()})


@desk_page
def letter(http: HttpRequest, slug: str) -> HttpResponse:
    """“Show it” fills the places with a sample and keeps nothing; each kept text is the next version."""
    user, now = _editor(http)
    if slug not in BY_SLUG:
        raise NotThere
    kind = BY_SLUG[slug]
    current = wording_in_force(kind.code)
    form = WordingForm(posted(http), initial={"text": current.text, "seen": current.number})
    sentences: tuple[str, ...] = ()
    sample = ""
    if form.is_valid():
        seen, text = form.cleaned_data["seen"], form.cleaned_data["text"]
        try:
            if "reset" in http.POST:
                unword_letter(letter=kind.code, seen=seen, actor=user, now=now)
                return done(http, "The house’s text stands again.", "disclosures:letter-wordings")
            if "keep" in http.POST:
                word_letter(letter=kind.code, text=text, seen=seen, actor=user, now=now)
                return done(http, f"The text is kept: {kind.name}.", "disclosures:letter-wordings")
        except WordingRefused as refused:
            sentences = refused.sentences
        else:
            sentences, sample = _sample(kind, text)
    context = {
        "kind": kind,
        "form": form,
        "current": current,
        "house": house_text(kind.code),
        "versions": versions_of(kind.code),
        "sample": sample,
    }
    problems = [Problem(sentence, form["text"].id_for_label) for sentence in sentences]
    return show(http, "disclosures/wording/letter.html", context, form, more=problems)


def _sample(kind: LetterKind, text: str) -> tuple[tuple[str, ...], str]:
    """What stands against the text, or how it reads."""
    faults = tuple(f"Line {fault.line}: {fault.sentence}" for fault in faults_of(text, kind.names))
    values = {name: SAMPLES.get(name, "…") for name in kind.names}
    return faults, "" if faults else written(text, values)
