"""What the database itself refuses to destroy: what is held, and whatever two people did not decide to destroy.

Frozen text: a later rule is a later migration. Every trigger is ENABLE ALWAYS.
"""

from django.db import migrations

from audit.coupling import couple_child

FACTS = """
CREATE FUNCTION disclosures_is_under_legal_hold(whose bigint) RETURNS boolean LANGUAGE sql STABLE
SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM public.disclosures_legalhold h WHERE h.request_id = whose AND h.lifted_at IS NULL)
$$;

-- A preservation that lasts holds as well.
CREATE FUNCTION disclosures_is_held(whose bigint) RETURNS boolean LANGUAGE sql STABLE
SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT public.disclosures_is_under_legal_hold(whose)
        OR EXISTS (SELECT FROM public.disclosures_holdtask t WHERE t.request_id = whose AND t.ended_at IS NULL)
$$;

-- Two people decided it, and it is not done yet. `of_whom`: the position of one person; null asks for the whole.
CREATE FUNCTION disclosures_is_being_destroyed(whose bigint, of_whom integer) RETURNS boolean LANGUAGE sql STABLE
SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM public.disclosures_disposal d
        WHERE d.request_id = whose AND d.confirmed_at IS NOT NULL AND d.confirmed_by_id <> d.proposed_by_id
            AND d.withdrawn_at IS NULL AND d.done_at IS NULL
            AND (d.what = 'CASE' OR d.what = 'SUBJECT' AND d.position = of_whom))
$$;
"""

PARTS = """
CREATE FUNCTION disclosures_hold_keeps() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    closed boolean := (SELECT state = 'CLOSED' FROM public.disclosures_request WHERE id = OLD.request_id);
    held boolean := false;
BEGIN
    IF closed THEN
        held := public.disclosures_is_held(OLD.request_id);
    ELSIF TG_ARGV[0] = 'always' THEN
        held := public.disclosures_is_under_legal_hold(OLD.request_id);
    END IF;
    IF held THEN
        RAISE EXCEPTION '% on % is refused: the request is held.', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'UPDATE' THEN
        RETURN NEW;
    END IF;
    IF closed AND NOT EXISTS (SELECT FROM public.disclosures_disposal d
            WHERE d.request_id = OLD.request_id AND d.confirmed_at IS NOT NULL
                AND d.confirmed_by_id <> d.proposed_by_id AND d.withdrawn_at IS NULL AND d.done_at IS NULL) THEN
        RAISE EXCEPTION '% on % is refused: two people have not decided to destroy it.', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END $$;
"""

# Typed anew while a request may be edited: the rows of an open request come and go.
TYPED_ANEW = {
    "disclosures_officer": ("name", "number", "email", "phone"),
    "disclosures_instrument": ("statute_typed", "court", "judge", "case_number", "addressee", "authority_shown"),
    "disclosures_item": ("detail",),
    "disclosures_creditapplication": ("reference",),
    "disclosures_assessment": (
        "purpose_note", "alternatives_note", "extent_note", "condition_note", "further_note", "necessity_note",
        "proportionality_note", "prejudice_note", "interest_note", "benefit_note", "recipient_note", "items_note",
        "anonymise_note", "expectations_note", "impact_note", "vulnerable_note", "objections_note", "safeguards_note",
        "keeping_note", "agreement_reference", "dpia_reference", "terms_note",
    ),
}  # fmt: skip
KEPT = {
    "disclosures_subject": ("name", "aliases", "born_on", "address", "phone", "email", "account_number", "own_reference"),
    "disclosures_searchrecord": ("terms", "found"),
    "disclosures_itemdecision": ("text", "reason", "others_text", "others_reason"),
    "disclosures_letter": ("recipient", "body", "sent_to"),
    "disclosures_document": ("name", "sha256"),
    "disclosures_documentcontent": ("content",),
    "disclosures_holdtask": ("how", "note"),
    "disclosures_lettermail": ("address", "password"),
    "disclosures_requestlink": ("reason",),
}  # fmt: skip


def a_hold_keeps(table: str, columns: tuple[str, ...], *, when: str) -> str:
    """Rows are not deleted, and no sealed value that is there is changed."""
    changed = " OR ".join(
        f"(OLD.{name} IS NOT NULL AND NEW.{name} IS DISTINCT FROM OLD.{name})" for name in columns
    )
    return f"""
    CREATE TRIGGER a_hold_keeps_the_row BEFORE DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION disclosures_hold_keeps('{when}');
    ALTER TABLE {table} ENABLE ALWAYS TRIGGER a_hold_keeps_the_row;
    CREATE TRIGGER a_hold_keeps_the_words BEFORE UPDATE OF {", ".join(columns)} ON {table}
        FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION disclosures_hold_keeps('closed');
    ALTER TABLE {table} ENABLE ALWAYS TRIGGER a_hold_keeps_the_words;
    """


# What is only added to is taken away by nothing but a disposal, and then only emptied or deleted.
ONLY_ADDED_TO = """
CREATE OR REPLACE FUNCTION disclosures_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    whose bigint;
BEGIN
    IF TG_LEVEL = 'ROW' THEN
        whose := (to_jsonb(OLD) ->> 'request_id')::bigint;
        IF whose IS NOT NULL AND disclosures_is_being_destroyed(whose, NULL) AND NOT disclosures_is_held(whose) THEN
            IF TG_OP = 'DELETE' THEN
                RETURN OLD;
            END IF;
            IF jsonb_strip_nulls(to_jsonb(NEW)) <@ to_jsonb(OLD) THEN
                RETURN NEW;
            END IF;
        END IF;
    END IF;
    RAISE EXCEPTION '% is only ever added to', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
"""

REQUESTS = """
CREATE FUNCTION disclosures_a_stone_stays() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF OLD.disposed_at IS NOT NULL THEN
        RAISE EXCEPTION 'what is left of a destroyed request does not change' USING ERRCODE = 'restrict_violation';
    END IF;
    IF public.disclosures_is_held(NEW.id) OR NOT EXISTS (SELECT FROM public.disclosures_disposal d
            WHERE d.request_id = NEW.id AND d.what = 'CASE' AND d.done_at IS NOT NULL)
        OR EXISTS (SELECT FROM public.sealing_datakey k
            WHERE NEW.data_key_id IN (k.id, k.parent_id) AND k.wrapped IS NOT NULL) THEN
        RAISE EXCEPTION 'the request was not destroyed: two people decide it, and its keys go'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER a_stone_stays BEFORE UPDATE ON disclosures_request
    FOR EACH ROW WHEN (OLD.disposed_at IS NOT NULL OR NEW.disposed_at IS NOT NULL)
    EXECUTE FUNCTION disclosures_a_stone_stays();
ALTER TABLE disclosures_request ENABLE ALWAYS TRIGGER a_stone_stays;

CREATE FUNCTION disclosures_hold_keeps_the_request() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF public.disclosures_is_held(OLD.id) THEN
        RAISE EXCEPTION '% on % is refused: the request is held.', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""

SEALED_OF_THE_REQUEST = (
    "unit", "station_address", "crime_reference", "urn", "operation_name", "offence", "summary", "necessity",
    "proportionality", "less_intrusive", "prejudice", "collateral", "urgency_reason", "do_not_notify_reason",
    "victim_not_told_reason", "handling", "evidential_format", "data_recipient", "return_address", "rank_waiver_reason",
)  # fmt: skip


def _request_keeps_its_words() -> str:
    changed = " OR ".join(
        f"(OLD.{name} IS NOT NULL AND NEW.{name} IS DISTINCT FROM OLD.{name})"
        for name in SEALED_OF_THE_REQUEST
    )
    return f"""
    CREATE TRIGGER a_hold_keeps_the_words BEFORE UPDATE OF {", ".join(SEALED_OF_THE_REQUEST)} ON disclosures_request
        FOR EACH ROW WHEN (OLD.state = 'CLOSED' AND ({changed})) EXECUTE FUNCTION disclosures_hold_keeps_the_request();
    ALTER TABLE disclosures_request ENABLE ALWAYS TRIGGER a_hold_keeps_the_words;
    """


# A request's key, and a person's below it, go by a disposal alone. Rotation may wrap a request's key anew, under
# another master key; a person's key is never wrapped anew. Of an open request people may still be struck off.
KEYS = """
CREATE FUNCTION disclosures_key_goes_by_a_disposal() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    of_request record;
    of_whom integer;
    held boolean;
BEGIN
    SELECT r.id, r.state INTO of_request FROM public.disclosures_request r
        WHERE r.data_key_id = coalesce(OLD.parent_id, OLD.id);
    IF FOUND THEN
        IF of_request.state = 'CLOSED' THEN
            held := public.disclosures_is_held(of_request.id);
        ELSE
            held := public.disclosures_is_under_legal_hold(of_request.id);
        END IF;
        IF held THEN
            RAISE EXCEPTION '% on % is refused: the request is held.', TG_OP, TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation';
        END IF;
        IF OLD.parent_id IS NOT NULL THEN
            SELECT s.position INTO of_whom FROM public.disclosures_subject s WHERE s.data_key_id = OLD.id;
        END IF;
        IF NOT public.disclosures_is_being_destroyed(of_request.id, of_whom)
            AND NOT (TG_OP = 'DELETE' AND OLD.parent_id IS NOT NULL AND of_request.state <> 'CLOSED') THEN
            RAISE EXCEPTION '% on % is refused: two people have not decided to destroy it.', TG_OP, TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation';
        END IF;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER key_goes_by_a_disposal BEFORE DELETE ON sealing_datakey
    FOR EACH ROW EXECUTE FUNCTION disclosures_key_goes_by_a_disposal();
ALTER TABLE sealing_datakey ENABLE ALWAYS TRIGGER key_goes_by_a_disposal;
CREATE TRIGGER key_is_not_lost BEFORE UPDATE OF wrapped ON sealing_datakey
    FOR EACH ROW WHEN (OLD.wrapped IS NOT NULL AND NEW.wrapped IS DISTINCT FROM OLD.wrapped AND (
        NEW.wrapped IS NULL OR OLD.parent_id IS NOT NULL OR NEW.master_version IS NOT DISTINCT FROM OLD.master_version))
    EXECUTE FUNCTION disclosures_key_goes_by_a_disposal();
ALTER TABLE sealing_datakey ENABLE ALWAYS TRIGGER key_is_not_lost;
"""

# Holds and disposals are the proof of what was destroyed and why not: neither is ever deleted, and what was decided
# is not undone once it is done.
PROOF = """
CREATE FUNCTION disclosures_proof_stays() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    was jsonb := to_jsonb(OLD);
    becomes jsonb;
    may_change text[] := string_to_array(TG_ARGV[1], ' ');
BEGIN
    IF TG_OP = 'UPDATE' THEN
        becomes := to_jsonb(NEW);
        IF was ->> TG_ARGV[0] IS NULL AND was ->> 'withdrawn_at' IS NULL AND becomes - may_change = was - may_change
            AND (was ->> 'confirmed_at' IS NULL OR (was ->> 'confirmed_at', was ->> 'confirmed_by_id')
                = (becomes ->> 'confirmed_at', becomes ->> 'confirmed_by_id')) THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION '% on % is refused: it is the proof of what was decided.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
"""


def _proof_stays(table: str, ends: str, may_change: str) -> str:
    return f"""
    CREATE TRIGGER proof_stays BEFORE UPDATE OR DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION disclosures_proof_stays('{ends}', '{may_change}');
    ALTER TABLE {table} ENABLE ALWAYS TRIGGER proof_stays;
    """


PROOFS = {
    "disclosures_legalhold": ("lifted_at", "lifted_at lifted_by_id lift_reason review_on"),
    "disclosures_disposal": (
        "done_at",
        "confirmed_at confirmed_by_id confirmed_role withdrawn_at withdrawn_by_id done_at counts digest",
    ),
}


class Migration(migrations.Migration):
    dependencies = [
        ("disclosures", "0045_keeping"),
        ("audit", "0013_payloads_go_with_their_key"),
        ("sealing", "0001_initial"),
    ]

    operations = [
        *[operation for table in PROOFS for operation in couple_child(table, "request_id", "request")],
        migrations.RunSQL(FACTS, migrations.RunSQL.noop),
        migrations.RunSQL(PARTS, migrations.RunSQL.noop),
        migrations.RunSQL(ONLY_ADDED_TO, migrations.RunSQL.noop),
        migrations.RunSQL(REQUESTS, migrations.RunSQL.noop),
        migrations.RunSQL(_request_keeps_its_words(), migrations.RunSQL.noop),
        migrations.RunSQL(KEYS, migrations.RunSQL.noop),
        migrations.RunSQL(PROOF, migrations.RunSQL.noop),
        *[
            migrations.RunSQL(_proof_stays(table, *given), migrations.RunSQL.noop)
            for table, given in PROOFS.items()
        ],
        *[
            migrations.RunSQL(a_hold_keeps(table, columns, when=when), migrations.RunSQL.noop)
            for tables, when in ((KEPT, "always"), (TYPED_ANEW, "closed"))
            for table, columns in tables.items()
        ],
    ]
