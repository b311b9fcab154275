"""Nobody signs off an instrument, or switches one off or on, without an entry about it."""

from django.db import migrations

from audit.coupling import couple_object

NEVER_DELETED = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'app') THEN
        REVOKE DELETE ON disclosures_instrumentstanding FROM app;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("disclosures", "0034_standing"), ("audit", "0002_guards")]

    operations = [
        *couple_object("instrument", "disclosures_instrumentstanding", "code"),
        migrations.RunSQL(NEVER_DELETED, migrations.RunSQL.noop),
    ]
