"""Nobody works on a person's own request without an entry about it, and what was told of belongs to it."""

from django.db import migrations

from audit.coupling import couple_child, couple_object

NEVER_DELETED = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'app') THEN
        REVOKE DELETE ON disclosures_accessrequest, disclosures_accesstold FROM app;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("disclosures", "0047_access_requests"), ("audit", "0002_guards")]

    operations = [
        *couple_object("access_request", "disclosures_accessrequest", "ref"),
        *couple_child("disclosures_accesstold", "access_id", "access_request"),
        migrations.RunSQL(NEVER_DELETED, migrations.RunSQL.noop),
    ]
