"""What the database itself refuses to destroy of a person's own request: what is held, or was not decided by two.

Frozen text: a later rule is a later migration. Every trigger is ENABLE ALWAYS.
"""

from django.db import migrations

from audit.coupling import couple_child

FACTS = """
CREATE FUNCTION disclosures_access_is_held(whose bigint) RETURNS boolean LANGUAGE sql STABLE
SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM public.disclosures_accesshold h WHERE h.access_id = whose AND h.lifted_at IS NULL)
$$;

-- Two people decided it, and it is not done yet.
CREATE FUNCTION disclosures_access_is_being_destroyed(whose bigint) RETURNS boolean LANGUAGE sql STABLE
SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM public.disclosures_accessdisposal d
        JOIN public.disclosures_accessrequest a ON a.id = d.access_id
        WHERE d.access_id = whose AND d.confirmed_at IS NOT NULL AND d.confirmed_by_id <> d.proposed_by_id
            AND d.withdrawn_at IS NULL AND d.done_at IS NULL
            AND (a.approved_at IS NOT NULL OR a.closed_at IS NOT NULL))
$$;
"""

SEALED = (
    "name", "born_on", "phone", "email", "account_number", "reply_to", "identity_note", "extended_for",
    "considered_why", "answer", "closed_why",
)  # fmt: skip
SETTLED = (*SEALED, "approved_at", "closed_at")

# What is answered or closed does not change; its words go with its keys, and what is left of it stays for good.
REQUESTS = f"""
CREATE FUNCTION disclosures_access_keeps_its_words() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: it is answered or closed, and is kept as it is.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER a_hold_keeps_the_words BEFORE UPDATE ON disclosures_accessrequest
    FOR EACH ROW WHEN ((OLD.approved_at IS NOT NULL OR OLD.closed_at IS NOT NULL) AND NEW.disposed_at IS NULL
        AND ({" OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in SETTLED)}))
    EXECUTE FUNCTION disclosures_access_keeps_its_words();
ALTER TABLE disclosures_accessrequest ENABLE ALWAYS TRIGGER a_hold_keeps_the_words;

CREATE FUNCTION disclosures_an_access_stone_stays() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF OLD.disposed_at IS NOT NULL THEN
        RAISE EXCEPTION 'what is left of a destroyed request does not change' USING ERRCODE = 'restrict_violation';
    END IF;
    IF public.disclosures_access_is_held(NEW.id) OR NOT EXISTS (SELECT FROM public.disclosures_accessdisposal d
            WHERE d.access_id = NEW.id AND d.done_at IS NOT NULL)
        OR EXISTS (SELECT FROM public.sealing_datakey k
            WHERE NEW.data_key_id IN (k.id, k.parent_id) AND k.wrapped IS NOT NULL)
        OR {" OR ".join(f"NEW.{name} IS NOT NULL" for name in SEALED)} OR NEW.digest <> '' THEN
        RAISE EXCEPTION 'the request was not destroyed: two people decide it, its keys go and its words'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER a_stone_stays BEFORE UPDATE ON disclosures_accessrequest
    FOR EACH ROW WHEN (OLD.disposed_at IS NOT NULL OR NEW.disposed_at IS NOT NULL)
    EXECUTE FUNCTION disclosures_an_access_stone_stays();
ALTER TABLE disclosures_accessrequest ENABLE ALWAYS TRIGGER a_stone_stays;
"""

# What was told of belongs to the answer, and goes with it alone. The application gets the right back that 0048 took.
TOLD = """
CREATE FUNCTION disclosures_told_goes_by_a_disposal() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' AND public.disclosures_access_is_being_destroyed(OLD.access_id)
        AND NOT public.disclosures_access_is_held(OLD.access_id) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% on % is refused: it goes with the answer, which two people have destroyed.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER told_goes_by_a_disposal BEFORE UPDATE OR DELETE ON disclosures_accesstold
    FOR EACH ROW EXECUTE FUNCTION disclosures_told_goes_by_a_disposal();
ALTER TABLE disclosures_accesstold ENABLE ALWAYS TRIGGER told_goes_by_a_disposal;
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'app') THEN
        GRANT DELETE ON disclosures_accesstold TO app;
    END IF;
END $$;
"""

# A trigger of its own beside that of 0046, which knows requests: one asks of the one, one of the other.
KEYS = """
CREATE FUNCTION disclosures_access_key_goes_by_a_disposal() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    whose bigint;
BEGIN
    SELECT a.id INTO whose FROM public.disclosures_accessrequest a
        WHERE a.data_key_id = coalesce(OLD.parent_id, OLD.id);
    IF FOUND THEN
        IF public.disclosures_access_is_held(whose) THEN
            RAISE EXCEPTION '% on % is refused: the request is held.', TG_OP, TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation';
        END IF;
        IF NOT public.disclosures_access_is_being_destroyed(whose) THEN
            RAISE EXCEPTION '% on % is refused: two people have not decided to destroy it.', TG_OP, TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation';
        END IF;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER access_key_goes_by_a_disposal BEFORE DELETE ON sealing_datakey
    FOR EACH ROW EXECUTE FUNCTION disclosures_access_key_goes_by_a_disposal();
ALTER TABLE sealing_datakey ENABLE ALWAYS TRIGGER access_key_goes_by_a_disposal;
CREATE TRIGGER access_key_is_not_lost BEFORE UPDATE OF wrapped ON sealing_datakey
    FOR EACH ROW WHEN (OLD.wrapped IS NOT NULL AND NEW.wrapped IS DISTINCT FROM OLD.wrapped AND (
        NEW.wrapped IS NULL OR OLD.parent_id IS NOT NULL OR NEW.master_version IS NOT DISTINCT FROM OLD.master_version))
    EXECUTE FUNCTION disclosures_access_key_goes_by_a_disposal();
ALTER TABLE sealing_datakey ENABLE ALWAYS TRIGGER access_key_is_not_lost;
"""


def _proof_stays(table: str, ends: str, may_change: str) -> str:
    return f"""
    CREATE TRIGGER proof_stays BEFORE UPDATE OR DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION disclosures_proof_stays('{ends}', '{may_change}');
    ALTER TABLE {table} ENABLE ALWAYS TRIGGER proof_stays;
    """


PROOFS = {
    "disclosures_accesshold": ("lifted_at", "lifted_at lifted_by_id lift_reason"),
    "disclosures_accessdisposal": (
        "done_at",
        "confirmed_at confirmed_by_id confirmed_role withdrawn_at withdrawn_by_id done_at counts digest",
    ),
}


class Migration(migrations.Migration):
    dependencies = [("disclosures", "0073_access_kept"), ("audit", "0013_payloads_go_with_their_key")]

    operations = [
        *[operation for table in PROOFS for operation in couple_child(table, "access_id", "access_request")],
        migrations.RunSQL(FACTS, migrations.RunSQL.noop),
        migrations.RunSQL(REQUESTS, migrations.RunSQL.noop),
        migrations.RunSQL(TOLD, migrations.RunSQL.noop),
        migrations.RunSQL(KEYS, migrations.RunSQL.noop),
        *[
            migrations.RunSQL(_proof_stays(table, *given), migrations.RunSQL.noop)
            for table, given in PROOFS.items()
        ],
    ]
