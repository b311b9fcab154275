"""Three arrows more: a requester who turns out not to be who they said leads back to triage, and an emergency that nobody ratified in time to its assessment."""

from django.db import migrations

ARROWS = """
CREATE OR REPLACE FUNCTION disclosures_is_arrow(source text, action text, target text) RETURNS boolean
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
            ('APPROVED', 'SEND_BACK_TO_TRIAGE', 'SUBMITTED'),
            ('APPROVED', 'WITHDRAW', 'WITHDRAWN'),
            ('APPROVED', 'EXPIRE', 'EXPIRED'),
            ('APPROVED', 'EXPIRE_BY_HAND', 'EXPIRED'),
            ('NO_DATA', 'START_RELEASE', 'RELEASING'),
            ('NO_DATA', 'SEND_BACK_TO_TRIAGE', 'SUBMITTED'),
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
            ('AWAITING_RATIFICATION', 'NOT_RATIFIED_IN_TIME', 'BREACH_ASSESSMENT'),
            ('AWAITING_RATIFICATION', 'REFUSE_RATIFICATION', 'BREACH_ASSESSMENT'),
            ('BREACH_ASSESSMENT', 'CONCLUDE_BREACH', 'CLOSED'),
            ('CLOSED', 'APPEAL', 'UNDER_APPEAL'),
            ('CLOSED', 'REPORT_WRONG_RELEASE', 'BREACH_ASSESSMENT'),
            ('UNDER_APPEAL', 'UPHOLD', 'CLOSED'),
            ('UNDER_APPEAL', 'OVERTURN', 'IN_REVIEW')
    );
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("disclosures", "0019_dated_checks")]

    operations = [migrations.RunSQL(ARROWS, migrations.RunSQL.noop)]
