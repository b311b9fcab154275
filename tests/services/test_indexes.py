"""The blind indexes of restricted requests have a key of their own, and move with the restriction."""

import base64
import hashlib
import hmac

import pytest
from django.core.exceptions import ImproperlyConfigured

from audit.models import Entry
from audit.selectors import readable
from disclosures.demo_kinds import CompanyRoad
from disclosures.models import Officer, Request, SubjectMark
from disclosures.selectors.anomalies import odd_signs
from disclosures.selectors.group import standings_of_people
from disclosures.selectors.opening import open_request
from disclosures.services.access import open_at_triage, restrict_request
from disclosures.services.objecting import void_for_objections
from disclosures.states import Action, State
from privacy.services.preferences import PreferenceInput, record_preference
from sealing import blind
from sealing.blind import blind_index, unveil, veil
from tests.world import World

pytestmark = pytest.mark.django_db
KEY = base64.b64encode(bytes(range(32))).decode()
Indexes = tuple[list[tuple[str, str]], list[str], list[str]]


def indexes(request: Request) -> Indexes:
    officers = Officer.objects.filter(request=request).order_by("part")
    marks = SubjectMark.objects.filter(request=request).order_by("subject_id", "mark")
    return (
        list(officers.values_list("email_index", "number_index")),
        list(marks.values_list("digest", flat=True)),
        Request.objects.get(pk=request.pk).return_domains,
    )


def flat(found: Indexes) -> set[str]:
    return {index for pair in found[0] for index in pair} | set(found[1]) | set(found[2]) - {""}


def restrict(world: World, request: Request) -> Request:
    return restrict_request(
        request_id=request.pk, members={world["mlro"]: "MLRO"}, reason="An order.", actor=world["head"], now=world.now
    )  # fmt: skip


@pytest.fixture
def used(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Of which requests the keys are that the code asks for: True is the restricted one."""
    asked: list[bool] = []
    real = blind._key

    def noting(*, restricted: bool) -> bytes:
        asked.append(restricted)
        return real(restricted=restricted)

    monkeypatch.setattr(blind, "_key", noting)
    return asked


def test_restricting_moves_every_index_and_opening_moves_it_back(world: World) -> None:
    road = world.road()
    road.record(restricted=True)
    request = road.step("clerk", Action.SUBMIT)
    hidden = indexes(request)
    open_at_triage(request_id=request.pk, ground="A plain form.", actor=world["mlro"], now=world.now)
    shown = indexes(request)
    assert len(flat(shown)) == len(flat(hidden)) > 2
    assert flat(shown) & flat(hidden) == set()
    restrict(world, request)
    assert indexes(request) == hidden


def test_the_marks_of_a_companys_people_are_veiled_and_still_held_against_the_register(world: World) -> None:
    world.made += 1
    road = CompanyRoad(world.people, world.police, world.now, number=world.made)
    request = road.to(State.PENDING_APPROVAL)
    shown = indexes(request)[1]
    restrict(world, request)
    hidden = indexes(request)[1]
    assert shown
    assert [unveil(mark) for mark in hidden] == shown
    assert set(hidden) & set(shown) == set()
    assert void_for_objections(now=world.now) == 0
    person = open_request(request, actor=world["mlro"], now=world.now).subjects[0]
    objection = PreferenceInput(
        record_id="1", kind="OBJECTION", said_at=world.now, source="LETTER", wording="w", policy_number=1,
        account_number=person.account_number, name=person.name, born_on=person.born_on,
    )  # fmt: skip
    record_preference(given=objection, actor=None, now=world.now)
    assert standings_of_people(request, now=world.now)
    void_for_objections(now=world.now)
    assert Request.objects.get(pk=request.pk).state == State.IN_REVIEW


def test_nobody_who_is_a_member_of_nothing_makes_the_page_use_the_restricted_key(
    world: World, used: list[bool]
) -> None:
    plain = world.request_in(State.IN_REVIEW)
    secret = world.road()
    secret.record(restricted=True)
    used.clear()
    for key, expected in (("handler", {False}), ("mlro", {False, True})):
        opened = open_request(plain, actor=world[key], now=world.now)
        odd_signs(plain, opened, user=world[key], now=world.now)
        assert set(used) == expected
        used.clear()


def test_a_request_restricted_later_is_gone_from_the_auditors_page(world: World) -> None:
    request = world.request_in(State.IN_REVIEW)
    mine = Entry.objects.filter(object_ref=request.reference)
    before = readable().filter(object_ref=request.reference).count()
    assert before == mine.count() > 3
    restrict(world, request)
    assert not readable().filter(object_ref=request.reference).exists()
    assert mine.filter(log="main").count() == before, "what was written stays where it was written"


def test_an_installation_without_the_setting_keeps_the_indexes_it_had(settings) -> None:
    settings.SEALING_MASTER_KEYS, settings.BLIND_INDEX_KEYS = f"1:{KEY}", ""
    key = hmac.digest(bytes(range(32)), b"cpdisclose-blind-1-restricted", hashlib.sha256)
    expected = hmac.new(key, b"email\na@b.example", hashlib.sha256).hexdigest()
    assert blind_index("A@b.example ", of="email", restricted=True) == expected
    settings.SEALING_MASTER_KEYS = f"2:{base64.b64encode(bytes(32)).decode()}"
    settings.BLIND_INDEX_KEYS = f"ordinary:{KEY},restricted:{KEY}"
    assert blind_index("A@b.example ", of="email", restricted=True) == expected


@pytest.mark.parametrize(
    "text", [f"ordinary:{KEY}", f"ordinary:{KEY},restricted:short", "restricted:!,ordinary:!"]
)
def test_half_a_setting_is_refused_in_words(settings, text: str) -> None:
    settings.BLIND_INDEX_KEYS = text
    with pytest.raises(ImproperlyConfigured, match="must read like ordinary:BASE64,restricted:BASE64"):
        blind_index("a", of="email", restricted=False)


def test_a_veil_is_the_same_for_the_same_and_hangs_on_the_restricted_key(settings) -> None:
    index = blind_index("a@b.example", of="EMAIL", restricted=False)
    veiled = veil(index)
    assert veiled == veil(index) != index
    assert (unveil(veiled), unveil(index)) == (index, index)
    settings.BLIND_INDEX_KEYS = f"ordinary:{KEY},restricted:{base64.b64encode(bytes(32)).decode()}"
    assert veil(index) != veiled
