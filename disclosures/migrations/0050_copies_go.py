"""The words of an answer in the log's payloads go with the copy itself (RET-COPY), while nothing holds the request."""

from django.db import migrations

MAY_GO = """
CREATE OR REPLACE FUNCTION audit_payload_may_go(of_entry bigint, value_name text, box bytea) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT public.audit_key_is_destroyed(box) OR value_name = 'body' AND EXISTS (
        SELECT FROM public.audit_entry e JOIN public.disclosures_request r ON r.reference = e.object_ref
        WHERE e.id = of_entry AND e.object_type = 'request' AND e.event = 'letter.prepared'
            AND convert_from(e.body, 'UTF8')::jsonb #>> '{detail,purpose}' = 'OUTCOME'
            AND r.copy_destroyed_at IS NOT NULL AND NOT public.disclosures_is_held(r.id))
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("disclosures", "0049_letters_beside")]

    operations = [migrations.RunSQL(MAY_GO, migrations.RunSQL.noop)]
