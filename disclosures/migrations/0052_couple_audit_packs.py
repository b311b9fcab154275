"""An audit pack is asked for, made and dropped with an entry each, and its row stays."""

from django.db import migrations

from audit.coupling import couple_object

NEVER_DELETED = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'app') THEN
        REVOKE DELETE ON disclosures_auditpack, disclosures_auditpackwork FROM app;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("disclosures", "0051_audit_packs"), ("audit", "0002_guards")]

    operations = [
        *couple_object("audit_pack", "disclosures_auditpack", "ref"),
        migrations.RunSQL(NEVER_DELETED, migrations.RunSQL.noop),
    ]
