"""Master, request and subject keys: who wraps whom, rotation and erasure."""

import base64
from datetime import UTC, datetime

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, transaction
from pytest_django import Settings

from sealing import boxes, keys
from sealing.gcm import CannotOpen
from sealing.models import DataKey

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
FIRST = "1:" + base64.b64encode(bytes(range(32))).decode()
SECOND = "2:" + base64.b64encode(bytes(range(32, 64))).decode()
AAD = (b"test",)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def master(settings: Settings) -> None:
    settings.SEALING_MASTER_KEYS = FIRST


def opens(key: DataKey, blob: bytes) -> bytes:
    return boxes.open_bytes(DataKey.objects.get(pk=key.pk), blob, AAD)


def test_a_subjects_key_hangs_under_its_requests_key_and_that_under_the_master() -> None:
    request_key = keys.new_key()
    subject_key = keys.new_key(parent=request_key)
    assert (request_key.parent, request_key.master_version) == (None, 1)
    assert (subject_key.parent, subject_key.master_version) == (request_key, None)
    assert len({keys.material(request_key), keys.material(subject_key), bytes(range(32))}) == 3
    assert opens(subject_key, boxes.seal_bytes(subject_key, b"Ada", AAD)) == b"Ada"


def test_a_subjects_key_has_no_keys_below_it() -> None:
    subject_key = keys.new_key(parent=keys.new_key())
    with pytest.raises(ValueError, match="no keys below"):
        keys.new_key(parent=subject_key)


def test_the_table_holds_wrapped_keys_only() -> None:
    key = keys.new_key()
    assert key.wrapped is not None
    assert keys.material(key) not in bytes(key.wrapped)


def test_after_rotation_the_old_master_still_opens_and_the_newest_wraps(settings: Settings) -> None:
    old = keys.new_key()
    sealed_before = boxes.seal_bytes(old, b"Ada", AAD)
    settings.SEALING_MASTER_KEYS = f"{FIRST},{SECOND}"
    new = keys.new_key()
    assert new.master_version == 2
    assert opens(old, sealed_before) == b"Ada"
    assert opens(new, boxes.seal_bytes(new, b"Grace", AAD)) == b"Grace"
    settings.SEALING_MASTER_KEYS = SECOND
    assert opens(new, boxes.seal_bytes(new, b"Grace", AAD)) == b"Grace"
    with pytest.raises(CannotOpen, match="Master key 1"):
        opens(old, sealed_before)


def test_a_box_of_the_master_key_opens_after_rotation_too(settings: Settings) -> None:
    box = boxes.seal_with_master(b"secret", AAD)
    settings.SEALING_MASTER_KEYS = f"{FIRST},{SECOND}"
    assert boxes.open_with_master(box, AAD) == b"secret"
    assert boxes.seal_with_master(b"secret", AAD)[1:3] == b"\x00\x02"
    with pytest.raises(CannotOpen):
        boxes.open_with_master(box, (b"other",))
    with pytest.raises(CannotOpen, match="not a box of a master key"):
        boxes.open_with_master(b"\x01" + box[1:], AAD)


def test_another_master_of_the_same_version_opens_nothing(settings: Settings) -> None:
    key = keys.new_key()
    settings.SEALING_MASTER_KEYS = "1:" + SECOND.removeprefix("2:")
    with pytest.raises(CannotOpen):
        keys.material(key)


def test_erasing_one_subjects_key_leaves_the_others() -> None:
    request_key = keys.new_key()
    ada, grace = keys.new_key(parent=request_key), keys.new_key(parent=request_key)
    about_ada, about_grace = boxes.seal_bytes(ada, b"Ada", AAD), boxes.seal_bytes(grace, b"Grace", AAD)
    keys.erase(key=ada, now=NOON)
    with pytest.raises(CannotOpen, match="erased"):
        opens(ada, about_ada)
    assert opens(grace, about_grace) == b"Grace"
    assert ada.wrapped is None
    assert ada.erased_at == NOON


def test_erasing_a_requests_key_takes_its_subjects_with_it() -> None:
    request_key = keys.new_key()
    ada = keys.new_key(parent=request_key)
    about_ada = boxes.seal_bytes(ada, b"Ada", AAD)
    keys.erase(key=request_key, now=NOON)
    with pytest.raises(CannotOpen, match="erased"):
        opens(ada, about_ada)
    with pytest.raises(CannotOpen, match="erased"):
        keys.new_key(parent=request_key)


def test_erasing_twice_keeps_the_first_time() -> None:
    key = keys.new_key()
    keys.erase(key=key, now=NOON)
    keys.erase(key=key, now=NOON.replace(hour=13))
    assert key.erased_at == NOON


def test_a_wrapped_key_moved_to_another_row_does_not_open() -> None:
    mine, yours = keys.new_key(), keys.new_key()
    yours.wrapped = mine.wrapped
    with pytest.raises(CannotOpen):
        keys.material(yours)


def test_a_subjects_key_hung_under_another_request_does_not_open() -> None:
    subject_key = keys.new_key(parent=keys.new_key())
    subject_key.parent = keys.new_key()
    with pytest.raises(CannotOpen):
        keys.material(subject_key)


def test_a_key_wrapped_in_an_unknown_format_is_refused() -> None:
    key = keys.new_key()
    key.wrapped = b"\x09" + bytes(60)
    with pytest.raises(CannotOpen, match="format"):
        keys.material(key)


def test_the_database_refuses_a_key_with_two_wrappers_or_none() -> None:
    parent = keys.new_key()
    for broken in ({"parent": parent, "master_version": 1}, {"parent": None, "master_version": None}):
        with pytest.raises(IntegrityError, match="data_key_has_one_wrapper"), transaction.atomic():
            DataKey.objects.create(wrapped=b"x", **broken)


def test_the_database_refuses_a_key_erased_without_a_time() -> None:
    key = keys.new_key()
    with pytest.raises(IntegrityError, match="data_key_is_whole_or_erased"), transaction.atomic():
        DataKey.objects.filter(pk=key.pk).update(wrapped=None)


@pytest.mark.parametrize("text", ["", "1:", "one:" + FIRST, "1:AAAA", "1:not base64!", FIRST + ",2:AAAA"])
def test_master_keys_that_cannot_be_read_are_refused(settings: Settings, text: str) -> None:
    settings.SEALING_MASTER_KEYS = text
    with pytest.raises(ImproperlyConfigured):
        keys.master_keys()
