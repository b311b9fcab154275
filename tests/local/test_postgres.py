import psycopg
import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection


def test_app_is_not_owner(cluster, committed_db):
    with committed_db.connect("app") as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute("TRUNCATE django_content_type")


@pytest.mark.committed
def test_a_committed_test_connects_as_app_and_commits():
    ContentType.objects.create(app_label="x", model="y")
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, (SELECT count(*) FROM django_content_type WHERE app_label = 'x')"
        )
        assert cursor.fetchone() == ("app", 1)


@pytest.mark.parametrize("turn", [1, 2])
def test_a_rolled_back_test_leaves_nothing_behind(db, turn):
    assert not ContentType.objects.filter(app_label="x").exists()
    ContentType.objects.create(app_label="x", model="y")
