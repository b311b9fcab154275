"""Who verifies the log sees the name and version of each object it tells of, and nothing else of its row.

This text is frozen: a change is a new migration.
"""

from django.db import migrations

VERSIONS = """
CREATE FUNCTION audit_versions(kind text) RETURNS TABLE (ref text, version integer) LANGUAGE plpgsql
STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found record;
BEGIN
    SELECT table_name, ref_column INTO STRICT found FROM public.audit_coupled WHERE object_type = kind;
    RETURN QUERY EXECUTE format('SELECT %I::text, version FROM public.%I', found.ref_column, found.table_name);
END $$;
REVOKE EXECUTE ON FUNCTION audit_versions FROM PUBLIC;
DO $$
DECLARE
    somebody name;
BEGIN
    FOR somebody IN SELECT rolname FROM pg_roles WHERE rolname IN ('app', 'sequencer', 'auditor') LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION audit_versions TO %I', somebody);
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_guards")]

    operations = [migrations.RunSQL(VERSIONS)]
