"""May this person be approached? Events in, the reason why not out, or None. Pure: no Django, no clock.

UK GDPR Article 21(2) and (3): an objection to marketing is absolute. PECR regulation 22: e-mail and text need a
consent that names the company. Regulation 21: telephone numbers are screened. The latest word counts, and an
untouched box takes back nothing. Where no record is found, the person is left out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from accounts.days import british


class Kind(StrEnum):
    CONSENT = "CONSENT"
    OPT_OUT = "OPT_OUT"
    OBJECTION_MARKETING = "OBJECTION_MARKETING"
    OBJECTION = "OBJECTION"
    OVERRULED = "OVERRULED"
    OFFERED = "OFFERED"
    TPS_CLEAR = "TPS_CLEAR"
    TPS_LISTED = "TPS_LISTED"


class Channel(StrEnum):
    EMAIL = "EMAIL"
    SMS = "SMS"
    CALL = "CALL"
    POST = "POST"


CHANNEL_WORDS = {
    Channel.EMAIL: "e-mail",
    Channel.SMS: "text message",
    Channel.CALL: "telephone",
    Channel.POST: "post",
}
NEEDS_CONSENT = frozenset({Channel.EMAIL, Channel.SMS})
SCREENING_LASTS = timedelta(days=28)
# At one instant the word against comes last.
_AGAINST = {Kind.OPT_OUT, Kind.OBJECTION_MARKETING, Kind.OBJECTION, Kind.TPS_LISTED}


@dataclass(frozen=True, slots=True)
class Event:
    """One thing the person said, or a screening. No channel: all; no company: everybody's.

    `sure`: the record is of this very person; otherwise it shares one mark with them.
    """

    kind: Kind
    said_at: datetime
    said_on: date
    channel: str = ""
    company: int | None = None
    sure: bool = True


def why_not_approach(
    events: Iterable[Event], *, channels: Sequence[str], company: int, company_name: str, today: date
) -> str | None:
    """The first reason against any of the channels, in words that follow “Person 3”."""
    history = sorted(events, key=lambda event: (event.said_at, event.kind in _AGAINST))
    for channel in map(Channel, channels):
        if reason := _against(history, channel, company, company_name, today):
            return reason
    return None if channels else "cannot be approached: no channel is stated"


def why_not_partner(
    events: Iterable[Event],
    *,
    channels: Sequence[str],
    partner: int,
    partner_name: str,
    company: int,
    today: date,
) -> str | None:
    """Policy S22: a partner approaches only whom a consent names it to, on every channel, and the latest word counts.

    An opt-out from the company that asks counts against its partner as well. No record found: left out.
    """
    history = sorted(events, key=lambda event: (event.said_at, event.kind in _AGAINST))
    for channel in map(Channel, channels):
        word: Event | None = None
        for event in history:
            agreed = event.kind is Kind.CONSENT and event.sure
            if (agreed and (event.channel, event.company) == (channel, partner)) or (
                event.kind in {Kind.OPT_OUT, Kind.OBJECTION_MARKETING}
                and (_reaches(event, channel, partner) or _reaches(event, channel, company))
            ):
                word = event
        if word is None:
            return f"has given no consent to {CHANNEL_WORDS[channel]} that names {partner_name}, as far as the records show"
        if reason := _said_no(word, channel):
            return reason
        if channel is Channel.CALL and (reason := _not_screened(history, today)):
            return reason
    return None if channels else "cannot be approached: no channel is stated"


def why_not_share(events: Iterable[Event]) -> str | None:
    """UK GDPR Article 21(1): an objection pauses what rests on a legitimate interest, until it is judged."""
    spoken = [event for event in events if event.kind in {Kind.OBJECTION, Kind.OVERRULED}]
    last = max(spoken, key=lambda event: (event.said_at, event.kind in _AGAINST), default=None)
    if last is None or last.kind is Kind.OVERRULED:
        return None
    return f"objected on {british(last.said_on)}, and the objection has not been overruled"


def _against(
    history: Sequence[Event], channel: Channel, company: int, company_name: str, today: date
) -> str | None:
    word: Event | None = None
    for event in history:
        if (
            event.kind is Kind.CONSENT and event.sure and (event.channel, event.company) == (channel, company)
        ) or (event.kind in {Kind.OPT_OUT, Kind.OBJECTION_MARKETING} and _reaches(event, channel, company)):
            word = event
    if word is not None and (reason := _said_no(word, channel)):
        return reason
    if channel in NEEDS_CONSENT and word is None:
        return f"has given no consent to {CHANNEL_WORDS[channel]} that names {company_name}, as far as the records show"
    if channel is Channel.CALL:
        return _not_screened(history, today)
    if channel is Channel.POST and word is None and not any(_offered(event) for event in history):
        return "was never offered the choice, as far as the records show"
    return None


def _said_no(word: Event, channel: Channel) -> str | None:
    if word.kind is Kind.OBJECTION_MARKETING:
        return f"objected to marketing on {british(word.said_on)}"
    if word.kind is Kind.OPT_OUT:
        return f"opted out of {CHANNEL_WORDS[channel]} on {british(word.said_on)}"
    return None


def _reaches(event: Event, channel: Channel, company: int) -> bool:
    return event.channel in {"", channel} and event.company in {None, company}


def _offered(event: Event) -> bool:
    return event.sure and event.kind in {Kind.OFFERED, Kind.CONSENT}


def _not_screened(history: Sequence[Event], today: date) -> str | None:
    screened = [event for event in history if event.kind in {Kind.TPS_CLEAR, Kind.TPS_LISTED}]
    if not screened:
        return "has a telephone number that was not screened against the Telephone Preference Service"
    last = screened[-1]
    if last.kind is Kind.TPS_LISTED:
        return f"is listed with the Telephone Preference Service (screened on {british(last.said_on)})"
    if today - last.said_on > SCREENING_LASTS:
        return (
            f"was last screened against the Telephone Preference Service on {british(last.said_on)}, "
            f"more than {SCREENING_LASTS.days} days ago"
        )
    return None
