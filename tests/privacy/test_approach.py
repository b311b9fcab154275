"""May somebody be approached? The rules by themselves, every reason in its words."""

from datetime import UTC, date, datetime, timedelta

import pytest

from privacy.approach import Channel, Event, Kind, why_not_approach, why_not_share
from privacy.identity import Mark, identity, is_surely_the_same, may_be_the_same, normal_forms

TODAY = date(2026, 11, 2)
US, OTHER = 7, 8


def event(
    kind: str, days_ago: int = 10, channel: str = "", company: int | None = None, sure: bool = True
) -> Event:
    when = TODAY - timedelta(days=days_ago)
    return Event(
        Kind(kind), datetime(when.year, when.month, when.day, 9, tzinfo=UTC), when, channel, company, sure
    )


def why(*events: Event, by: tuple[str, ...] = ("EMAIL",)) -> str | None:
    return why_not_approach(events, channels=by, company=US, company_name="Demo Retail", today=TODAY)


@pytest.mark.parametrize(("channel", "words"), [("EMAIL", "e-mail"), ("SMS", "text message")])
def test_mail_and_text_need_a_consent_that_names_company_and_channel(channel: str, words: str) -> None:
    said = f"has given no consent to {words} that names Demo Retail"
    assert said in str(why(by=(channel,)))
    other_channel = {"EMAIL": "SMS", "SMS": "EMAIL"}[channel]
    assert said in str(why(event("CONSENT", channel=channel, company=OTHER), by=(channel,)))
    assert said in str(why(event("CONSENT", channel=other_channel, company=US), by=(channel,)))
    assert said in str(why(event("OFFERED"), by=(channel,)))
    assert why(event("CONSENT", channel=channel, company=US), by=(channel,)) is None


def test_a_consent_of_somebody_who_may_be_another_is_none() -> None:
    assert "no consent" in str(why(event("CONSENT", channel="EMAIL", company=US, sure=False)))


@pytest.mark.parametrize("channel", list(Channel))
def test_an_objection_to_marketing_shuts_every_channel(channel: Channel) -> None:
    given = [
        event("CONSENT", 20, channel.value, US), event("TPS_CLEAR", 1), event("OFFERED", 30),
        event("OBJECTION_MARKETING", 5, sure=False),
    ]  # fmt: skip
    assert why(*given, by=(channel.value,)) == "objected to marketing on 28 October 2026"


def test_the_latest_word_counts_in_whatever_order_it_was_read() -> None:
    out, back = event("OPT_OUT", 9, "EMAIL"), event("CONSENT", 5, "EMAIL", US)
    assert why(out, back) is None
    assert why(back, out) is None
    assert (
        why(event("CONSENT", 9, "EMAIL", US), event("OPT_OUT", 5, "EMAIL"))
        == "opted out of e-mail on 28 October 2026"
    )
    assert (
        why(event("CONSENT", 9, "EMAIL", US), event("OPT_OUT", 5)) == "opted out of e-mail on 28 October 2026"
    )


def test_of_two_words_of_one_instant_the_no_counts() -> None:
    assert "opted out" in str(why(event("OPT_OUT", 5, "EMAIL"), event("CONSENT", 5, "EMAIL", US)))
    assert "opted out" in str(why(event("CONSENT", 5, "EMAIL", US), event("OPT_OUT", 5, "EMAIL")))


def test_a_box_left_alone_takes_no_opt_out_back() -> None:
    assert "opted out of post" in str(why(event("OPT_OUT", 9), event("OFFERED", 5), by=("POST",)))


def test_an_opt_out_of_another_company_or_channel_reaches_no_further() -> None:
    consent = event("CONSENT", 20, "EMAIL", US)
    assert why(consent, event("OPT_OUT", 5, "EMAIL", OTHER)) is None
    assert why(consent, event("OPT_OUT", 5, "POST")) is None


def test_post_goes_to_whoever_was_offered_the_choice_and_did_not_opt_out() -> None:
    assert why(by=("POST",)) == "was never offered the choice, as far as the records show"
    assert why(event("OFFERED", sure=False), by=("POST",)) is not None
    assert why(event("OFFERED"), by=("POST",)) is None
    assert why(event("CONSENT", 5, "POST", US), by=("POST",)) is None


def test_calls_go_to_numbers_screened_within_28_days() -> None:
    assert "not screened" in str(why(by=("CALL",)))
    assert why(event("TPS_CLEAR", 28), by=("CALL",)) is None
    assert "on 4 October 2026, more than 28 days ago" in str(why(event("TPS_CLEAR", 29), by=("CALL",)))
    assert "is listed with the Telephone Preference Service (screened on 1 November 2026)" in str(
        why(event("TPS_CLEAR", 5), event("TPS_LISTED", 1), by=("CALL",))
    )
    assert why(event("TPS_LISTED", 5), event("TPS_CLEAR", 1), by=("CALL",)) is None


def test_every_channel_that_is_asked_for_must_be_open() -> None:
    consent = event("CONSENT", 5, "EMAIL", US)
    assert why(consent, by=("EMAIL", "SMS")) is not None
    assert "no channel" in str(why(consent, by=()))


def test_an_objection_to_sharing_holds_until_it_is_overruled() -> None:
    assert why_not_share([]) is None
    assert why_not_share([event("OBJECTION_MARKETING")]) is None
    assert "objected on 23 October 2026" in str(why_not_share([event("OBJECTION", 10)]))
    assert why_not_share([event("OBJECTION", 10), event("OVERRULED", 3)]) is None
    assert why_not_share([event("OBJECTION", 3), event("OVERRULED", 10)]) is not None
    assert why_not_share([event("OVERRULED", 3), event("OBJECTION", 3)]) is not None


# Who it is -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"phone": "+44 (0)1632 960400"}, {"phone": "01632 960 400"}),
        ({"phone": "0044 1632 960400"}, {"phone": "(01632) 960400"}),
        ({"email": " Alex@Example.org "}, {"email": "alex@example.org"}),
        ({"account_number": "zx-7700 0001"}, {"account_number": "ZX77000001"}),
        ({"name": "Zoë  O’Example-Smith", "born_on": "1988-04-17"}, {"name": "ZOE O Example Smith", "born_on": "1988-04-17"}),
    ],
)  # fmt: skip
def test_one_person_written_in_two_ways_has_one_normal_form(
    one: dict[str, str], other: dict[str, str]
) -> None:
    assert normal_forms(**one) == normal_forms(**other) != {}


def test_a_name_alone_or_a_day_alone_is_nobody() -> None:
    assert normal_forms(name="Alex Example") == {}
    assert normal_forms(born_on="1988-04-17") == {}
    assert normal_forms(phone="ask at the desk", email=" ", account_number="--") == {}


def marks(**given: str) -> dict[str, str]:
    return identity(lambda kind, text: f"{kind}:{text}", normal_forms(**given))


def test_a_shared_telephone_is_enough_to_object_and_not_to_consent() -> None:
    parent = marks(phone="01632 960400", name="Alex Example", born_on="1960-01-01")
    child = marks(phone="01632 960400", name="Kim Example", born_on="2001-01-01")
    assert may_be_the_same(parent, child)
    assert not is_surely_the_same(parent, child)
    assert is_surely_the_same(marks(phone="01632 960400"), child)
    assert not is_surely_the_same(marks(email="alex@example.org"), child)
    assert set(child) == {Mark.PHONE, Mark.PERSON}
