"""Sealed columns on a real table: what goes in, what a reader sees, and what does not open."""

import copy
import json
import pickle
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.apps.registry import Apps
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from pytest_django import DjangoAssertNumQueries, Settings

from cpdisclose.local.postgres import Cluster
from sealing import boxes, keys
from sealing.fields import Sealed, SealedField, SealedModel
from sealing.models import DataKey
from sealing.opening import CannotOpen, open_many, open_sealed

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db


class Stray(models.Model):
    """A sealed column where nothing binds it to its row."""

    name = SealedField()

    class Meta:
        app_label = "sealing_tests"
        apps = Apps()

    def __str__(self) -> str:
        return "stray"


class Note(SealedModel):
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT)
    name = SealedField()
    remark = SealedField()
    colour = models.CharField(max_length=10)

    class Meta:
        app_label = "sealing_tests"
        db_table = "sealing_note"
        managed = False
        apps = Apps()

    def sealing_key(self) -> DataKey:
        return self.key


@pytest.fixture(scope="module", autouse=True)
def table(cluster: Cluster, django_db_setup: None) -> Iterator[None]:
    """A table of the tests' own; only `owner` may make one."""
    with cluster.connect("owner", settings.DATABASES["default"]["NAME"], autocommit=True) as owner:
        owner.execute(
            "CREATE TABLE sealing_note (id bigserial PRIMARY KEY, seal_id uuid UNIQUE,"
            " key_id bigint, name bytea, remark bytea, colour text)"
        )
        yield
        owner.execute("DROP TABLE sealing_note")


def a_note(key: DataKey | None = None, **values: str) -> Note:
    note = Note(key=key or keys.new_key(), colour="red")
    note.seal(**values)
    note.save()
    return Note.objects.get(pk=note.pk)


def move(column: str, source: Note, target: Note, into: str) -> Note:
    """Carries the stored bytes with SQL, as someone with the database could."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE sealing_note SET {into} = source.{column}"
            " FROM sealing_note AS source WHERE source.id = %s AND sealing_note.id = %s",
            [source.pk, target.pk],
        )
    return Note.objects.get(pk=target.pk)


def test_what_was_sealed_opens_again() -> None:
    note = a_note(name="Zoë O'Hara", remark="Called at noon.\nWill call back.")
    assert open_many([note.name, note.remark]) == ["Zoë O'Hara", "Called at noon.\nWill call back."]


def test_a_fresh_value_opens_before_it_is_saved() -> None:
    note = Note(key=keys.new_key(), colour="red")
    note.seal(name="Ada")
    assert open_sealed(note.name) == "Ada"


def test_nothing_is_stored_for_an_empty_text() -> None:
    note = a_note(name="")
    assert note.name is None
    assert open_sealed(note.name) == ""
    assert Note.objects.filter(name=None).count() == 1


def test_the_table_holds_no_plaintext() -> None:
    note = a_note(name="Marmaduke")
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sealing_note WHERE id = %s", [note.pk])
        (stored,) = cursor.fetchone()
    assert b"Marmaduke" not in bytes(stored)
    assert bytes(stored)[:17] == b"\x01" + note.key.ref.bytes


def test_a_blob_moved_to_another_row_does_not_open() -> None:
    key = keys.new_key()
    mine, yours = a_note(key, name="Ada"), a_note(key, name="Grace")
    moved = move("name", mine, yours, "name")
    with pytest.raises(CannotOpen):
        open_sealed(moved.name)


def test_a_value_assigned_to_another_row_does_not_open() -> None:
    key = keys.new_key()
    mine, yours = a_note(key, name="Ada"), a_note(key, name="Grace")
    yours.name = mine.name
    with pytest.raises(CannotOpen):
        open_sealed(yours.name)


def test_a_blob_moved_to_another_column_does_not_open() -> None:
    note = a_note(name="Ada")
    moved = move("name", note, note, "remark")
    assert open_sealed(moved.name) == "Ada"
    with pytest.raises(CannotOpen):
        open_sealed(moved.remark)


def test_a_blob_of_another_deployment_does_not_open(settings: Settings) -> None:
    note = a_note(name="Ada")
    settings.DEPLOYMENT = "the-copy-next-door"
    with pytest.raises(CannotOpen):
        open_sealed(note.name)


def test_a_changed_byte_does_not_open() -> None:
    note = a_note(name="Ada")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE sealing_note SET name = set_byte(name, 30, get_byte(name, 30) # 1)")
    with pytest.raises(CannotOpen):
        open_sealed(Note.objects.get(pk=note.pk).name)


def test_bytes_that_are_no_box_do_not_open() -> None:
    note = a_note(name="Ada")
    for junk in (b"", b"Ada", b"\x07" + bytes(80)):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE sealing_note SET name = %s", [junk])
        with pytest.raises(CannotOpen):
            open_sealed(Note.objects.get(pk=note.pk).name)


def test_a_value_read_without_its_row_does_not_open() -> None:
    a_note(name="Ada")
    loose = Note.objects.values_list("name", flat=True).get()
    with pytest.raises(CannotOpen, match="model instance"):
        open_sealed(loose)


def test_a_value_whose_key_row_is_missing_does_not_open() -> None:
    note = a_note(name="Ada")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM sealing_datakey WHERE id = %s", [note.key.pk])
    with pytest.raises(CannotOpen, match="missing"):
        open_sealed(note.name)


def test_a_sealed_value_says_nothing_of_itself() -> None:
    name = a_note(name="Ada").name
    assert repr(name) == str(name) == f"{name}" == "[sealed]"
    assert not hasattr(name, "__dict__")


def test_a_sealed_value_never_goes_into_a_cache_a_queue_or_a_page() -> None:
    note = a_note(name="Ada")
    with pytest.raises(TypeError):
        pickle.dumps(note.name)
    with pytest.raises(TypeError):
        pickle.dumps(note)
    with pytest.raises(TypeError):
        json.dumps({"name": note.name}, cls=DjangoJSONEncoder)


def test_a_sealed_value_never_changes() -> None:
    name = a_note(name="Ada").name
    assert name is not None
    with pytest.raises(AttributeError):
        name.blob = b""
    with pytest.raises(AttributeError):
        del name.seal_id
    assert copy.copy(name) is name
    assert copy.deepcopy(name) is name


@pytest.mark.parametrize("plain", ["Ada", b"Ada", 7, ""])
def test_anything_but_a_sealed_value_is_refused(plain: object) -> None:
    note = a_note(name="Ada")
    note.name = plain  # type: ignore[assignment]
    with pytest.raises(TypeError, match=r"use seal\(name=…\)"):
        note.save()
    with pytest.raises(TypeError, match="sealed column"):
        Note.objects.update(name=plain)


def test_only_sealed_columns_can_be_sealed() -> None:
    with pytest.raises(TypeError, match="colour is not a sealed column"):
        a_note(colour="blue")


def test_a_deferred_column_opens_when_it_is_read_later() -> None:
    a_note(name="Ada")
    assert open_sealed(Note.objects.defer("name").get().name) == "Ada"


def test_refreshing_a_row_brings_the_value_of_the_table() -> None:
    note = a_note(name="Ada")
    note.seal(name="Grace")
    note.refresh_from_db()
    assert open_sealed(note.name) == "Ada"


def test_opening_many_takes_one_query_and_keeps_the_order(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    request_key = keys.new_key()
    notes = [a_note(keys.new_key(parent=request_key), name=f"Person {n}") for n in range(25)]
    wanted = [value for note in notes for value in (note.name, None)]
    with django_assert_num_queries(1):
        texts = open_many(wanted)
    assert texts == [text for n in range(25) for text in (f"Person {n}", "")]


def test_opening_nothing_asks_nothing(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        assert open_many([None, None]) == ["", ""]


def test_a_sealed_column_outside_a_sealed_model_is_reported() -> None:
    assert [error.id for error in Stray.check()] == ["sealing.E001"]


def test_a_row_whose_key_was_erased_stays_and_does_not_open() -> None:
    note = a_note(name="Ada")
    keys.erase(key=note.key, now=NOON)
    with pytest.raises(CannotOpen, match="erased"):
        open_sealed(Note.objects.get(pk=note.pk).name)


def test_sealed_values_are_equal_when_their_bytes_are() -> None:
    note = a_note(name="Ada", remark="Ada")
    assert note.name == Note.objects.get(pk=note.pk).name
    assert note.name != note.remark
    assert note.name != "Ada"
    assert len({note.name, note.name}) == 1


def test_a_value_made_by_hand_for_another_table_does_not_open() -> None:
    note = a_note(name="Ada")
    assert note.name is not None
    forged = Sealed(note.name.blob, table="sealing_other", column="name", seal_id=note.seal_id)
    with pytest.raises(CannotOpen):
        open_sealed(forged)
    forged = Sealed(note.name.blob, table="sealing_note", column="name", seal_id=uuid4())
    with pytest.raises(CannotOpen):
        open_sealed(forged)


def test_bytes_sealed_for_one_use_do_not_open_in_another() -> None:
    key = keys.new_key()
    blob = boxes.seal_bytes(key, b"payload", (b"origin", b"entry-1"))
    assert boxes.open_bytes(key, blob, (b"origin", b"entry-1")) == b"payload"
    for aad in ((b"origin", b"entry-2"), (b"origine", b"ntry-1"), (b"origin",)):
        with pytest.raises(CannotOpen):
            boxes.open_bytes(key, blob, aad)
    with pytest.raises(CannotOpen, match="another key"):
        boxes.open_bytes(keys.new_key(), blob, (b"origin", b"entry-1"))


def test_two_values_swapped_with_each_other_do_not_open() -> None:
    key = keys.new_key()
    mine, yours = a_note(key, name="Ada", remark="One"), a_note(key, name="Grace", remark="Two")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE sealing_note SET name = other.name FROM sealing_note AS other"
            " WHERE sealing_note.id <> other.id AND sealing_note.id = ANY(%s) AND other.id = ANY(%s)",
            [[mine.pk, yours.pk], [mine.pk, yours.pk]],
        )
    for note in Note.objects.filter(pk__in=[mine.pk, yours.pk]):
        with pytest.raises(CannotOpen):
            open_sealed(note.name)
        assert open_sealed(note.remark) in {"One", "Two"}


def test_a_row_that_was_moved_whole_does_not_open_under_another_owner() -> None:
    """Binding and bytes together: the box opens by itself, but not for whoever names the owner it must belong to."""
    ours, theirs = keys.new_key(), keys.new_key()
    person = keys.new_key(parent=theirs)
    note, deeper = a_note(theirs, name="Ada"), a_note(person, name="Grace")
    assert open_many([note.name, deeper.name], under=theirs.pk) == ["Ada", "Grace"]
    for value in (note.name, deeper.name):
        with pytest.raises(CannotOpen, match="another owner"):
            open_many([value], under=ours.pk)


def test_a_key_moved_below_another_owner_does_not_open() -> None:
    person = keys.new_key(parent=keys.new_key())
    note = a_note(person, name="Ada")
    DataKey.objects.filter(pk=person.pk).update(parent=keys.new_key())
    with pytest.raises(CannotOpen):
        open_sealed(Note.objects.get(pk=note.pk).name)


def test_a_column_renamed_or_a_table_copied_does_not_open() -> None:
    note = a_note(name="Ada")
    value = note.name
    assert value is not None
    for table, column in (("sealing_note", "remark"), ("sealing_notes", "name"), ("sealing_not", "ename")):
        with pytest.raises(CannotOpen):
            open_sealed(Sealed(value.blob, table=table, column=column, seal_id=note.seal_id))
