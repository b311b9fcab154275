"""No change of a request or of its parts without its entry in the log, and no such entry without the change."""

from django.db import migrations

from audit.coupling import couple_child, couple_object

PARTS = (
    "disclosures_officer",
    "disclosures_subject",
    "disclosures_item",
    "disclosures_instrument",
    "disclosures_evidence",
    "disclosures_searchtask",
    "disclosures_searchrecord",
    "disclosures_assessment",
    "disclosures_opinion",
    "disclosures_itemdecision",
    "disclosures_step",
    "disclosures_letter",
    "disclosures_exclusion",
    "disclosures_compartmentmember",
    "disclosures_deadline",
    "disclosures_clockevent",
)
GRANTS = ("disclosures_requestgroupgrant", "disclosures_requestusergrant")

NEVER_DELETED = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'app') THEN
        REVOKE DELETE ON disclosures_request, disclosures_bankholiday FROM app;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("disclosures", "0002_workflow_rules"), ("audit", "0002_guards")]

    operations = [
        *couple_object("request", "disclosures_request", "reference"),
        *couple_object("holiday", "disclosures_bankholiday", "ref"),
        *[operation for table in PARTS for operation in couple_child(table, "request_id", "request")],
        *[
            operation
            for table in GRANTS
            for operation in couple_child(table, "content_object_id", "request", references="reference")
        ],
        migrations.RunSQL(NEVER_DELETED, migrations.RunSQL.noop),
    ]
