"""Marks of subjects change only with their request; a partner asks for nothing as a company; an objection takes back."""

from django.db import migrations

from audit.coupling import couple_child

ARROWS = """
ALTER FUNCTION disclosures_is_arrow(text, text, text) RENAME TO disclosures_is_arrow_before_objections;
CREATE FUNCTION disclosures_is_arrow(source text, action text, target text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT disclosures_is_arrow_before_objections(source, action, target) OR (source, action, target) IN (
            ('PENDING_APPROVAL', 'OBJECTED', 'IN_REVIEW'),
            ('APPROVED', 'OBJECTED', 'IN_REVIEW')
    )
$$;
"""

PARTNER = """
CREATE FUNCTION disclosures_partner_is_no_company() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM accounts_organisation o WHERE o.id = NEW.body_id AND o.kind = 'PARTNER') THEN
        RAISE EXCEPTION 'a partner is no requester of kind G' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER partner_is_no_company BEFORE INSERT OR UPDATE OF kind, body_id ON disclosures_request
    FOR EACH ROW WHEN (NEW.kind = 'G') EXECUTE FUNCTION disclosures_partner_is_no_company();
ALTER TABLE disclosures_request ENABLE ALWAYS TRIGGER partner_is_no_company;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("disclosures", "0029_group_approach"),
        ("audit", "0002_guards"),
        ("accounts", "0010_holdings"),
    ]

    operations = [
        *couple_child("disclosures_subjectmark", "request_id", "request"),
        migrations.RunSQL(ARROWS, migrations.RunSQL.noop),
        migrations.RunSQL(PARTNER, migrations.RunSQL.noop),
    ]
