"""The controls that an audit asks about, each with what holds it and the tests that show it. Printed into every pack."""

from typing import NamedTuple


class Control(NamedTuple):
    """`tests` are files of the repository; `script/test FILE` runs one."""

    name: str
    what: str
    held_by: str
    tests: tuple[str, ...]


CONTROLS: tuple[Control, ...] = (
    Control(
        "Four eyes",
        "Nobody takes two deciding acts on one request, over all its rounds.",
        "A guard of the workflow and an exclusion constraint of the database.",
        ("tests/services/test_deciding.py", "tests/services/test_database_holds_the_workflow.py"),
    ),
    Control(
        "One way through",
        "A request moves only along the arrows of the table; the database refuses any other change of state.",
        "disclosures/workflow.py and a trigger compared with it.",
        ("tests/services/test_database_holds_the_workflow.py",),
    ),
    Control(
        "What is approved is what goes out",
        "An approval signs a digest of the whole proposal; any change voids it.",
        "The proposal's digest, checked again at the release.",
        ("tests/services/test_what_is_approved.py",),
    ),
    Control(
        "The requester is who they say",
        "Each check that the instrument demands is dated evidence; a call-back goes to a number from the register.",
        "Guards of the workflow over the catalogue's checks.",
        ("tests/services/test_verification.py", "tests/services/test_fraud_stories.py"),
    ),
    Control(
        "In time",
        "Every clock is counted from the law's rule and the calendar, day by day; reminders are sent once each.",
        "disclosures/deadlines and the sweep.",
        ("tests/services/test_clocks.py", "tests/services/test_sweep.py"),
    ),
    Control(
        "Advice is heard",
        "A proposal waits for the opinions it needs; advice against it is answered with a reason.",
        "A guard of the workflow.",
        ("tests/services/test_weighing.py",),
    ),
    Control(
        "Emergencies are ratified",
        "What was released by telephone is ratified by a third person or assessed as a breach.",
        "The workflow's emergency arrows and their clocks.",
        ("tests/services/test_emergency.py", "tests/services/test_after_an_emergency.py"),
    ),
    Control(
        "Only who may sees it",
        "Every role sees and does exactly what the table of permissions grants; missing and forbidden are the same.",
        "Grants per state and role, asked in one place.",
        ("tests/web/test_access_matrix.py", "tests/services/test_access.py"),
    ),
    Control(
        "Secrets stay secret",
        "A restricted request is known to its named members alone, each for a reason and a time.",
        "The compartment and a trigger that refuses group grants.",
        ("tests/services/test_members.py",),
    ),
    Control(
        "No change without its entry",
        "Each change has its entry in the log and each such entry its change, whoever writes.",
        "Two deferred constraint triggers for each table.",
        (
            "tests/audit/test_coupling.py",
            "tests/architecture/test_tables.py",
            "tests/architecture/test_events.py",
        ),
    ),
    Control(
        "The log is not rewritten",
        "Entries are leaves of a signed tree; what an owner of the database could do to it is named.",
        "audit/, its witnesses and outside copies.",
        ("tests/audit/test_attacks.py", "tests/audit/test_verify.py", "tests/audit/test_outside.py"),
    ),
    Control(
        "Reads are recorded",
        "Sealed values open in one place, behind the entry that says who looked.",
        "disclosures/selectors/opening.py, held by an import contract.",
        ("tests/services/test_doors.py", "tests/web/test_classes_of_entries.py"),
    ),
)
