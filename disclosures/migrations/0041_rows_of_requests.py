"""An entry of a request says what its decisions, releases and grants hold, and verifying compares it with the rows.

Sealed values are digested as they are sealed. This text is frozen: a longer list is a later format.
"""

from django.db import migrations

from audit.coupling import Rows, digest_rows

REQUEST = (
    "seal_id", "state", "round", "kind", "nation", "restricted", "born_restricted", "received_at", "recorded_at",
    "recorded_by_id", "assignee_id", "policy_at_receipt_id", "policy_at_decision_id", "own_submission", "body_id",
    "refusal_code", "proposal_digest", "outcome", "due_on", "due_at",
)  # fmt: skip
STEP = (
    "seal_id", "version", "round", "action", "act", "source", "target", "actor_id", "role", "at", "reason",
    "proposal_digest",
)  # fmt: skip
ITEM_DECISION = (
    "seal_id", "item_id", "subject_id", "decision", "refusal_code", "text", "reason", "others", "others_text",
    "others_reason", "decided_at", "decided_by_id",
)  # fmt: skip
LETTER = (
    "seal_id", "purpose", "round", "recipient", "body", "prepared_at", "prepared_by_id", "sent_at", "sent_by_id",
    "sent_channel", "sent_to",
)  # fmt: skip
DELIVERY = (
    "seal_id",
    "letter_id",
    "message_id",
    "stage",
    "at",
    "reason",
    "recorded_at",
    "recorded_by_id",
)
MEMBER = (
    "seal_id",
    "user_id",
    "role",
    "reason",
    "valid_from",
    "valid_until",
    "waits",
    "ended_at",
    "added_by_id",
)
EXCLUSION = ("seal_id", "user_id", "reason", "excluded_at", "excluded_by_id")

PARTS = {
    "decisions": [
        Rows("disclosures_request", REQUEST, "id"),
        Rows("disclosures_step", STEP, "request_id"),
        Rows("disclosures_itemdecision", ITEM_DECISION, "request_id"),
    ],
    "releases": [
        Rows("disclosures_request", ("seal_id",), "id"),
        Rows("disclosures_letter", LETTER, "request_id"),
        Rows("disclosures_delivery", DELIVERY, "request_id"),
    ],
    "grants": [
        Rows("disclosures_request", ("seal_id", "restricted"), "id"),
        Rows(
            "disclosures_requestgroupgrant", ("permission_id", "group_id"), "content_object_id", "reference"
        ),
        Rows("disclosures_requestusergrant", ("permission_id", "user_id"), "content_object_id", "reference"),
        Rows("disclosures_compartmentmember", MEMBER, "request_id"),
        Rows("disclosures_exclusion", EXCLUSION, "request_id"),
    ],
}


class Migration(migrations.Migration):
    dependencies = [("disclosures", "0040_couple_scheme_permissions"), ("accounts", "0011_rows_of_roles")]

    operations = digest_rows("request", "disclosures_request", "reference", PARTS)
