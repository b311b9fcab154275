"""Salt and value of an erased person go with their key: a payload whose key is destroyed may be taken away, no other.

The application still has no right to delete here; it calls the function, and the trigger asks of each row whether it
may go. An app may widen `audit_payload_may_go` by a rule of its own, as a fact of its own tables. Frozen text.
"""

from django.db import migrations

FORGETTING = """
CREATE FUNCTION audit_key_is_destroyed(box bytea) RETURNS boolean LANGUAGE sql STABLE
SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT CASE WHEN octet_length(box) < 17 THEN false ELSE EXISTS (SELECT FROM public.sealing_datakey k
        WHERE k.ref = encode(substring(box FROM 2 FOR 16), 'hex')::uuid AND k.wrapped IS NULL) END
$$;

CREATE FUNCTION audit_payload_may_go(of_entry bigint, value_name text, box bytea) RETURNS boolean LANGUAGE sql STABLE
SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT public.audit_key_is_destroyed(box)
$$;

CREATE FUNCTION audit_payload_goes_by_the_rule() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF public.audit_payload_may_go(OLD.entry_id, OLD.name, OLD.box) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% on % is refused: what the log holds or tells of is not taken away.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

DROP TRIGGER audit_never ON audit_payload;
CREATE TRIGGER audit_never BEFORE UPDATE ON audit_payload FOR EACH ROW EXECUTE FUNCTION audit_refuse();
ALTER TABLE audit_payload ENABLE ALWAYS TRIGGER audit_never;
CREATE TRIGGER audit_goes_by_the_rule BEFORE DELETE ON audit_payload
    FOR EACH ROW EXECUTE FUNCTION audit_payload_goes_by_the_rule();
ALTER TABLE audit_payload ENABLE ALWAYS TRIGGER audit_goes_by_the_rule;

CREATE FUNCTION audit_forget_payloads(kind text, ref text) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    gone bigint;
BEGIN
    DELETE FROM public.audit_payload p USING public.audit_entry e
    WHERE e.id = p.entry_id AND e.object_ref = ref AND e.object_type = kind
        AND public.audit_payload_may_go(p.entry_id, p.name, p.box);
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END $$;
REVOKE EXECUTE ON FUNCTION audit_forget_payloads FROM PUBLIC;
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'app') THEN
        GRANT EXECUTE ON FUNCTION audit_forget_payloads TO app;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0012_guard_outside_copies"), ("sealing", "0001_initial")]

    operations = [migrations.RunSQL(FORGETTING, migrations.RunSQL.noop)]
