"""What a digest of an object's rows is computed by: the same function for who writes an entry and who verifies it.

An app makes the function of its objects by `audit.coupling.digest_rows`. Who verifies learns digests and no row.
This text is frozen: a change is a new migration.
"""

from django.db import migrations

ROWS = """
CREATE FUNCTION audit_rows(kind text, format integer, refs text[]) RETURNS TABLE (ref text, part text, digest text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET bytea_output = 'hex' AS $$
DECLARE
    made_by text := format('public.%I', 'audit_rows_of_' || kind || '_' || format);
BEGIN
    IF to_regproc(made_by) IS NULL THEN
        RAISE EXCEPTION 'No function makes the digests of a % in format %.', kind, format
            USING ERRCODE = 'undefined_function';
    END IF;
    RETURN QUERY EXECUTE 'SELECT * FROM ' || made_by || '($1)' USING refs;
END $$;
REVOKE EXECUTE ON FUNCTION audit_rows FROM PUBLIC;
DO $$
DECLARE
    somebody name;
BEGIN
    FOR somebody IN SELECT rolname FROM pg_roles WHERE rolname IN ('app', 'sequencer', 'auditor') LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION audit_rows TO %I', somebody);
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0007_guard_verifications")]

    operations = [migrations.RunSQL(ROWS)]
