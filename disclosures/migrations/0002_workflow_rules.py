"""The workflow as the database knows it. Frozen text: a later change of the table is a later migration."""

from django.db import migrations

ARROWS = """
CREATE FUNCTION disclosures_is_arrow(source text, action text, target text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT (source, action, target) IN (
            ('DRAFT', 'SUBMIT', 'SUBMITTED'),
            ('DRAFT', 'WITHDRAW', 'WITHDRAWN'),
            ('SUBMITTED', 'ACCEPT', 'VERIFYING'),
            ('SUBMITTED', 'RETURN', 'RETURNED'),
            ('SUBMITTED', 'TRANSFER', 'TRANSFERRED'),
            ('SUBMITTED', 'PROPOSE_REFUSAL', 'PENDING_APPROVAL'),
            ('SUBMITTED', 'PROPOSE_EMERGENCY', 'EMERGENCY_PENDING'),
            ('SUBMITTED', 'WITHDRAW', 'WITHDRAWN'),
            ('SUBMITTED', 'EXPIRE', 'EXPIRED'),
            ('SUBMITTED', 'EXPIRE_BY_HAND', 'EXPIRED'),
            ('RETURNED', 'RESUBMIT', 'SUBMITTED'),
            ('RETURNED', 'PROPOSE_REFUSAL', 'PENDING_APPROVAL'),
            ('RETURNED', 'WITHDRAW', 'WITHDRAWN'),
            ('RETURNED', 'EXPIRE', 'EXPIRED'),
            ('RETURNED', 'EXPIRE_BY_HAND', 'EXPIRED'),
            ('RETURNED', 'PROPOSE_EMERGENCY', 'EMERGENCY_PENDING'),
            ('VERIFYING', 'CONFIRM', 'IN_REVIEW'),
            ('VERIFYING', 'RETURN', 'RETURNED'),
            ('VERIFYING', 'PROPOSE_REFUSAL', 'PENDING_APPROVAL'),
            ('VERIFYING', 'PROPOSE_EMERGENCY', 'EMERGENCY_PENDING'),
            ('VERIFYING', 'WITHDRAW', 'WITHDRAWN'),
            ('VERIFYING', 'EXPIRE', 'EXPIRED'),
            ('VERIFYING', 'EXPIRE_BY_HAND', 'EXPIRED'),
            ('IN_REVIEW', 'PROPOSE', 'PENDING_APPROVAL'),
            ('IN_REVIEW', 'RETURN', 'RETURNED'),
            ('IN_REVIEW', 'TRANSFER', 'TRANSFERRED'),
            ('IN_REVIEW', 'PROPOSE_EMERGENCY', 'EMERGENCY_PENDING'),
            ('IN_REVIEW', 'WITHDRAW', 'WITHDRAWN'),
            ('IN_REVIEW', 'EXPIRE', 'EXPIRED'),
            ('IN_REVIEW', 'EXPIRE_BY_HAND', 'EXPIRED'),
            ('PENDING_APPROVAL', 'CONCUR', 'PENDING_APPROVAL'),
            ('PENDING_APPROVAL', 'APPROVE_RELEASE', 'APPROVED'),
            ('PENDING_APPROVAL', 'APPROVE_REFUSAL', 'REFUSED'),
            ('PENDING_APPROVAL', 'APPROVE_NIL', 'NO_DATA'),
            ('PENDING_APPROVAL', 'SEND_BACK', 'IN_REVIEW'),
            ('PENDING_APPROVAL', 'SEND_BACK_TO_TRIAGE', 'SUBMITTED'),
            ('PENDING_APPROVAL', 'PROPOSE_EMERGENCY', 'EMERGENCY_PENDING'),
            ('PENDING_APPROVAL', 'WITHDRAW', 'WITHDRAWN'),
            ('PENDING_APPROVAL', 'EXPIRE', 'EXPIRED'),
            ('PENDING_APPROVAL', 'EXPIRE_BY_HAND', 'EXPIRED'),
            ('APPROVED', 'START_RELEASE', 'RELEASING'),
            ('APPROVED', 'VOID_APPROVAL', 'IN_REVIEW'),
            ('APPROVED', 'WITHDRAW', 'WITHDRAWN'),
            ('APPROVED', 'EXPIRE', 'EXPIRED'),
            ('APPROVED', 'EXPIRE_BY_HAND', 'EXPIRED'),
            ('NO_DATA', 'START_RELEASE', 'RELEASING'),
            ('RELEASING', 'UNDO_RELEASE', 'APPROVED'),
            ('RELEASING', 'UNDO_NIL', 'NO_DATA'),
            ('RELEASING', 'RECORD_SENT', 'RELEASED'),
            ('RELEASED', 'CLOSE', 'CLOSED'),
            ('RELEASED', 'REPORT_WRONG_RELEASE', 'BREACH_ASSESSMENT'),
            ('REFUSED', 'CLOSE', 'CLOSED'),
            ('TRANSFERRED', 'CLOSE', 'CLOSED'),
            ('WITHDRAWN', 'CLOSE', 'CLOSED'),
            ('EXPIRED', 'CLOSE', 'CLOSED'),
            ('EMERGENCY_PENDING', 'RELEASE_EMERGENCY', 'EMERGENCY_RELEASED'),
            ('EMERGENCY_PENDING', 'RELEASE_ALONE', 'EMERGENCY_RELEASED'),
            ('EMERGENCY_PENDING', 'STAND_DOWN', 'SUBMITTED'),
            ('EMERGENCY_PENDING', 'WITHDRAW', 'WITHDRAWN'),
            ('EMERGENCY_RELEASED', 'RECORD_PAPER', 'AWAITING_RATIFICATION'),
            ('EMERGENCY_RELEASED', 'PAPER_NEVER_CAME', 'BREACH_ASSESSMENT'),
            ('EMERGENCY_RELEASED', 'REPORT_WRONG_RELEASE', 'BREACH_ASSESSMENT'),
            ('AWAITING_RATIFICATION', 'RATIFY', 'CLOSED'),
            ('AWAITING_RATIFICATION', 'REFUSE_RATIFICATION', 'BREACH_ASSESSMENT'),
            ('BREACH_ASSESSMENT', 'CONCLUDE_BREACH', 'CLOSED'),
            ('CLOSED', 'APPEAL', 'UNDER_APPEAL'),
            ('CLOSED', 'REPORT_WRONG_RELEASE', 'BREACH_ASSESSMENT'),
            ('UNDER_APPEAL', 'UPHOLD', 'CLOSED'),
            ('UNDER_APPEAL', 'OVERTURN', 'IN_REVIEW')
    );
$$;
"""

STATES = """
CREATE FUNCTION disclosures_request_begins_as_draft() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> 'DRAFT' THEN
        RAISE EXCEPTION 'a request begins as DRAFT, not as %', NEW.state USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER request_begins_as_draft BEFORE INSERT ON disclosures_request
    FOR EACH ROW EXECUTE FUNCTION disclosures_request_begins_as_draft();
ALTER TABLE disclosures_request ENABLE ALWAYS TRIGGER request_begins_as_draft;

CREATE FUNCTION disclosures_step_is_an_arrow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT disclosures_is_arrow(NEW.source, NEW.action, NEW.target) THEN
        RAISE EXCEPTION 'no arrow % from % to %', NEW.action, NEW.source, NEW.target USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER step_is_an_arrow BEFORE INSERT ON disclosures_step
    FOR EACH ROW EXECUTE FUNCTION disclosures_step_is_an_arrow();
ALTER TABLE disclosures_step ENABLE ALWAYS TRIGGER step_is_an_arrow;

CREATE FUNCTION disclosures_state_moves_by_a_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM disclosures_step s
        WHERE s.request_id = NEW.id AND s.version = NEW.version AND s.source = OLD.state AND s.target = NEW.state
    ) THEN
        RAISE EXCEPTION 'request % moved from % to % without a step', NEW.id, OLD.state, NEW.state
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER state_moves_by_a_step AFTER UPDATE ON disclosures_request
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION disclosures_state_moves_by_a_step();
ALTER TABLE disclosures_request ENABLE ALWAYS TRIGGER state_moves_by_a_step;
"""

RESTRICTED = """
CREATE FUNCTION disclosures_restricted_has_no_group_grant() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    looked_for text := CASE TG_TABLE_NAME WHEN 'disclosures_request' THEN to_jsonb(NEW) ->> 'reference'
                                          ELSE to_jsonb(NEW) ->> 'content_object_id' END;
BEGIN
    IF EXISTS (
        SELECT FROM disclosures_request r JOIN disclosures_requestgroupgrant g ON g.content_object_id = r.reference
        WHERE r.reference = looked_for AND r.restricted
    ) THEN
        RAISE EXCEPTION 'a restricted request has no group grant' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER restricted_has_no_group_grant AFTER INSERT OR UPDATE ON disclosures_requestgroupgrant
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION disclosures_restricted_has_no_group_grant();
ALTER TABLE disclosures_requestgroupgrant ENABLE ALWAYS TRIGGER restricted_has_no_group_grant;
CREATE CONSTRAINT TRIGGER restricted_has_no_group_grant AFTER INSERT OR UPDATE ON disclosures_request
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.restricted) EXECUTE FUNCTION disclosures_restricted_has_no_group_grant();
ALTER TABLE disclosures_request ENABLE ALWAYS TRIGGER restricted_has_no_group_grant;

CREATE FUNCTION disclosures_nobody_holds_system() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM auth_permission p WHERE p.id = NEW.permission_id AND p.codename = 'system_only') THEN
        RAISE EXCEPTION 'the clock''s permission is granted to nobody' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER nobody_holds_system BEFORE INSERT OR UPDATE ON disclosures_requestgroupgrant
    FOR EACH ROW EXECUTE FUNCTION disclosures_nobody_holds_system();
ALTER TABLE disclosures_requestgroupgrant ENABLE ALWAYS TRIGGER nobody_holds_system;
CREATE TRIGGER nobody_holds_system BEFORE INSERT OR UPDATE ON disclosures_requestusergrant
    FOR EACH ROW EXECUTE FUNCTION disclosures_nobody_holds_system();
ALTER TABLE disclosures_requestusergrant ENABLE ALWAYS TRIGGER nobody_holds_system;
"""

APPEND_ONLY = """
CREATE FUNCTION disclosures_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is only ever added to', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
"""

ONLY_ADDED_TO = ("disclosures_step", "disclosures_clockevent", "disclosures_evidence", "disclosures_opinion")


def only_added_to(table: str) -> str:
    return f"""
    CREATE TRIGGER is_only_added_to BEFORE UPDATE OR DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION disclosures_is_only_added_to();
    ALTER TABLE {table} ENABLE ALWAYS TRIGGER is_only_added_to;
    CREATE TRIGGER is_never_emptied BEFORE TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION disclosures_is_only_added_to();
    ALTER TABLE {table} ENABLE ALWAYS TRIGGER is_never_emptied;
    """


class Migration(migrations.Migration):
    dependencies = [("disclosures", "0001_initial")]

    operations = [
        migrations.RunSQL(ARROWS, "DROP FUNCTION disclosures_is_arrow(text, text, text);"),
        migrations.RunSQL(STATES, migrations.RunSQL.noop),
        migrations.RunSQL(RESTRICTED, migrations.RunSQL.noop),
        migrations.RunSQL(APPEND_ONLY, migrations.RunSQL.noop),
        *[migrations.RunSQL(only_added_to(table), migrations.RunSQL.noop) for table in ONLY_ADDED_TO],
    ]
