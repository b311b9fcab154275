"""The register of systems changes by a new version with its entry; what it said before stays."""

from django.db import migrations

from audit.coupling import couple_child, couple_object

ADDED_TO = """
CREATE TRIGGER is_only_added_to BEFORE UPDATE OR DELETE ON disclosures_systemversion
    FOR EACH ROW EXECUTE FUNCTION disclosures_is_only_added_to();
ALTER TABLE disclosures_systemversion ENABLE ALWAYS TRIGGER is_only_added_to;
CREATE TRIGGER is_never_emptied BEFORE TRUNCATE ON disclosures_systemversion
    FOR EACH STATEMENT EXECUTE FUNCTION disclosures_is_only_added_to();
ALTER TABLE disclosures_systemversion ENABLE ALWAYS TRIGGER is_never_emptied;
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'app') THEN
        REVOKE DELETE ON disclosures_heldsystem FROM app;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("disclosures", "0017_systems_register"), ("audit", "0002_guards")]

    operations = [
        *couple_object("system", "disclosures_heldsystem", "code"),
        *couple_child("disclosures_systemversion", "system_id", "system"),
        migrations.RunSQL(ADDED_TO, migrations.RunSQL.noop),
    ]
