"""What the tables of the log accept, from whom, and how changes and entries are held together.

Every trigger is ENABLE ALWAYS, so that session_replication_role does not switch it off. This text is frozen:
a change is a new migration.
"""

from django.db import migrations

# Few and large expressions: PL/pgSQL prepares each one anew in every transaction, and most have one entry.
ENTRIES = """
CREATE FUNCTION audit_entry_arrives() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    entry jsonb;
BEGIN
    IF octet_length(NEW.body) > 16384 OR NEW.body IS NOT JSON OBJECT WITH UNIQUE KEYS THEN
        RAISE EXCEPTION 'An entry of the log is one JSON object of at most 16,384 bytes.'
            USING ERRCODE = 'check_violation';
    END IF;
    entry := convert_from(NEW.body, 'UTF8')::jsonb;
    SELECT (entry ->> 'id')::bigint, (entry ->> 'at')::timestamptz, entry ->> 'event',
        entry #>> '{actor,ref}', entry #>> '{actor,role}', entry ->> 'session',
        entry #>> '{object,type}', entry #>> '{object,ref}',
        (entry #>> '{object,version}')::integer, (entry #>> '{object,seen_version}')::integer
    INTO NEW.id, NEW.at, NEW.event, NEW.actor, NEW.role, NEW.session,
        NEW.object_type, NEW.object_ref, NEW.object_version, NEW.seen_version;
    IF NEW.xid = pg_current_xact_id()
        AND entry -> 'v' = '1' AND jsonb_typeof(entry -> 'id') = 'number'
        AND NEW.event ~ '^[a-z0-9_]+([.][a-z0-9_]+)+$'
        AND jsonb_typeof(entry #> '{actor,ref}') = 'string' AND NEW.actor <> ''
        AND to_char(NEW.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') = entry ->> 'at'
        AND NEW.at BETWEEN clock_timestamp() - interval '60 s' AND clock_timestamp() + interval '60 s'
        AND (NOT entry ? 'object' OR NEW.object_type <> '' AND NEW.object_ref <> ''
            AND num_nonnulls(NEW.object_version, NEW.seen_version) = 1
            AND coalesce(NEW.object_version, NEW.seen_version) > 0) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '%', CASE
        WHEN NEW.xid <> pg_current_xact_id()
            THEN 'An entry of the log belongs to the transaction that writes it.'
        WHEN to_char(NEW.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') IS DISTINCT FROM entry ->> 'at'
            THEN 'The instant of an entry reads like 2026-11-24T14:05:09.123456Z.'
        WHEN abs(extract(epoch FROM clock_timestamp() - NEW.at)) > 60
            THEN 'The instant of an entry is more than 60 seconds off the clock of the database.'
        WHEN entry ? 'object'
            THEN 'An entry has v, id, event and actor; its object has type, ref, and either version or seen_version.'
        ELSE 'An entry of the log has v, id, event and actor.'
    END USING ERRCODE = 'check_violation';
END $$;

CREATE FUNCTION audit_entry_of_change_arrives() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM public.audit_coupled WHERE object_type = NEW.object_type) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'No table is coupled to the log as "%".', NEW.object_type
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER audit_arrives BEFORE INSERT ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION audit_entry_arrives();
CREATE TRIGGER audit_arrives_of_change BEFORE INSERT ON audit_entry
    FOR EACH ROW WHEN (NEW.object_version IS NOT NULL) EXECUTE FUNCTION audit_entry_of_change_arrives();
ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER audit_arrives;
ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER audit_arrives_of_change;
"""

TILES = """
CREATE FUNCTION audit_tile_grows() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF octet_length(NEW.hashes) NOT BETWEEN 32 AND 8192 OR octet_length(NEW.hashes) % 32 <> 0 THEN
        RAISE EXCEPTION 'A tile holds 1 to 256 hashes of 32 bytes.' USING ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'UPDATE' AND ((NEW.log, NEW.level, NEW.n) <> (OLD.log, OLD.level, OLD.n)
       OR octet_length(NEW.hashes) <= octet_length(OLD.hashes)
       OR substring(NEW.hashes FOR octet_length(OLD.hashes)) <> OLD.hashes) THEN
        RAISE EXCEPTION 'The log only grows: a tile is appended to and never rewritten.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER audit_grows BEFORE INSERT OR UPDATE ON audit_tile
    FOR EACH ROW EXECUTE FUNCTION audit_tile_grows();
ALTER TABLE audit_tile ENABLE ALWAYS TRIGGER audit_grows;
ALTER TABLE audit_tile ALTER hashes SET STORAGE EXTERNAL;

ALTER TABLE audit_checkpoint ADD CONSTRAINT audit_checkpoint_root_is_a_hash CHECK (octet_length(root) = 32);
"""

REFUSAL = """
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: what the log holds or tells of is not taken away.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
"""

APPEND_ONLY = """
CREATE TRIGGER audit_never BEFORE {events} ON {table} FOR EACH ROW EXECUTE FUNCTION audit_refuse();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER audit_never;
CREATE TRIGGER audit_never_truncated BEFORE TRUNCATE ON {table} EXECUTE FUNCTION audit_refuse();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER audit_never_truncated;
"""

KEPT = {
    "audit_entry": "UPDATE OR DELETE",
    "audit_payload": "UPDATE OR DELETE",
    "audit_leaf": "UPDATE OR DELETE",
    "audit_checkpoint": "UPDATE OR DELETE",
    "audit_tile": "DELETE",
    "audit_coupled": "UPDATE OR DELETE",
}

# An object of the log: its row carries a version, raised by one at each change, and the transaction of its last
# change. At commit each change has its entry, and (further down) each entry of a change has its change.
COUPLE_OBJECT = """
CREATE FUNCTION audit_object_changes() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.version = coalesce(OLD.version, 0) + 1 THEN
        NEW.changed_xid := pg_current_xact_id()::text::bigint;
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'A change of % raises version by one, here to %.', TG_TABLE_NAME, coalesce(OLD.version, 0) + 1
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE FUNCTION audit_couple_object(kind text, target name, ref_column name) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $couple$
BEGIN
    INSERT INTO public.audit_coupled (object_type, table_name, ref_column) VALUES (kind, target, ref_column);
    EXECUTE format($make$
        CREATE FUNCTION public.%1$I() RETURNS trigger LANGUAGE plpgsql
        SET search_path = pg_catalog, pg_temp AS $body$
        BEGIN
            IF EXISTS (SELECT FROM public.audit_entry
                WHERE object_type = %3$L AND object_ref = NEW.%4$I AND object_version = NEW.version
                AND xid = pg_current_xact_id()) THEN
                RETURN NULL;
            END IF;
            RAISE EXCEPTION 'Version %% of %% "%%" has no entry in the log.', NEW.version, %3$L, NEW.%4$I
                USING ERRCODE = 'integrity_constraint_violation';
        END $body$;
        CREATE FUNCTION public.%2$I() RETURNS trigger LANGUAGE plpgsql
        SET search_path = pg_catalog, pg_temp AS $body$
        BEGIN
            IF EXISTS (SELECT FROM public.%5$I
                WHERE %4$I = NEW.object_ref AND version >= NEW.object_version
                AND changed_xid = pg_current_xact_id()::text::bigint) THEN
                RETURN NULL;
            END IF;
            RAISE EXCEPTION 'The log says version %% of %% "%%", and no such change was made.',
                NEW.object_version, %3$L, NEW.object_ref USING ERRCODE = 'integrity_constraint_violation';
        END $body$;
        CREATE TRIGGER audit_changes BEFORE INSERT OR UPDATE ON public.%5$I
            FOR EACH ROW EXECUTE FUNCTION public.audit_object_changes();
        CREATE TRIGGER audit_ref_stays BEFORE UPDATE ON public.%5$I
            FOR EACH ROW WHEN (OLD.%4$I IS DISTINCT FROM NEW.%4$I) EXECUTE FUNCTION public.audit_refuse();
        CREATE TRIGGER audit_never BEFORE DELETE ON public.%5$I
            FOR EACH ROW EXECUTE FUNCTION public.audit_refuse();
        CREATE TRIGGER audit_never_truncated BEFORE TRUNCATE ON public.%5$I
            EXECUTE FUNCTION public.audit_refuse();
        CREATE CONSTRAINT TRIGGER audit_has_entry AFTER INSERT OR UPDATE ON public.%5$I
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.%1$I();
        CREATE CONSTRAINT TRIGGER %6$I AFTER INSERT ON public.audit_entry
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
            WHEN (NEW.object_version IS NOT NULL AND NEW.object_type = %3$L) EXECUTE FUNCTION public.%2$I();
        ALTER TABLE public.%5$I ENABLE ALWAYS TRIGGER audit_changes;
        ALTER TABLE public.%5$I ENABLE ALWAYS TRIGGER audit_ref_stays;
        ALTER TABLE public.%5$I ENABLE ALWAYS TRIGGER audit_never;
        ALTER TABLE public.%5$I ENABLE ALWAYS TRIGGER audit_never_truncated;
        ALTER TABLE public.%5$I ENABLE ALWAYS TRIGGER audit_has_entry;
        ALTER TABLE public.audit_entry ENABLE ALWAYS TRIGGER %6$I;
    $make$,
        'audit_' || kind || '_has_entry', 'audit_entry_has_' || kind, kind, ref_column, target,
        'audit_has_' || kind);
END $couple$;
REVOKE EXECUTE ON FUNCTION audit_couple_object FROM PUBLIC;
"""

# A part of an object, in a table of its own: it changes only in a transaction that changes the whole as well.
COUPLE_CHILD = """
CREATE FUNCTION audit_couple_child(child name, fk_column name, kind text, referenced name) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $couple$
DECLARE
    whole name;
BEGIN
    SELECT table_name INTO STRICT whole FROM public.audit_coupled WHERE object_type = kind;
    EXECUTE format($make$
        CREATE FUNCTION public.%1$I() RETURNS trigger LANGUAGE plpgsql
        SET search_path = pg_catalog, pg_temp AS $body$
        BEGIN
            IF EXISTS (SELECT FROM public.%2$I
                WHERE %3$I IN (OLD.%4$I, NEW.%4$I) AND changed_xid <> pg_current_xact_id()::text::bigint) THEN
                RAISE EXCEPTION '%% on %% without a change of the %% it belongs to.', TG_OP, TG_TABLE_NAME, %5$L
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NULL;
        END $body$;
        CREATE CONSTRAINT TRIGGER %6$I AFTER INSERT OR UPDATE OR DELETE ON public.%7$I
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.%1$I();
        CREATE TRIGGER %8$I BEFORE TRUNCATE ON public.%7$I EXECUTE FUNCTION public.audit_refuse();
        ALTER TABLE public.%7$I ENABLE ALWAYS TRIGGER %6$I;
        ALTER TABLE public.%7$I ENABLE ALWAYS TRIGGER %8$I;
    $make$,
        'audit_' || child || '_with_' || kind, whole, referenced, fk_column, kind, 'audit_with_' || kind, child,
        'audit_never_truncated_' || kind);
END $couple$;
REVOKE EXECUTE ON FUNCTION audit_couple_child FROM PUBLIC;
"""

# Defence in depth; the triggers above hold against every role. The roles are made by the launcher.
RIGHTS = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'app') THEN
        REVOKE ALL ON audit_entry, audit_payload, audit_leaf, audit_tile, audit_checkpoint, audit_coupled FROM app;
        GRANT SELECT, INSERT ON audit_entry, audit_payload TO app;
        GRANT SELECT ON audit_leaf, audit_tile, audit_checkpoint, audit_coupled TO app;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'sequencer') THEN
        GRANT SELECT, INSERT ON audit_entry, audit_leaf, audit_tile, audit_checkpoint TO sequencer;
        GRANT UPDATE (hashes) ON audit_tile TO sequencer;
        GRANT SELECT ON audit_coupled TO sequencer;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'auditor') THEN
        GRANT SELECT ON audit_entry, audit_leaf, audit_tile, audit_checkpoint, audit_coupled TO auditor;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.RunSQL(ENTRIES),
        migrations.RunSQL(TILES),
        migrations.RunSQL(REFUSAL),
        *(
            migrations.RunSQL(APPEND_ONLY.format(table=table, events=events))
            for table, events in KEPT.items()
        ),
        migrations.RunSQL(COUPLE_OBJECT),
        migrations.RunSQL(COUPLE_CHILD),
        migrations.RunSQL(RIGHTS),
    ]
