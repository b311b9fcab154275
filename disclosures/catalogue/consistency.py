"""What no row of the law may say: a code in no register, or a flow that leads nowhere."""

from collections.abc import Callable, Container, Iterable, Mapping
from typing import NamedTuple

from .registers import (
    COMPULSORY_REFUSALS,
    KINDS,
    NATIONS,
    REPORT_CATEGORIES,
    RETENTION_WORDS,
    SCHEMES,
    SECRECY_WORDS,
)
from .schema import (
    EVIDENCE_CODES,
    FORM_CODES,
    ISSUERS,
    OPINIONS,
    Comms,
    Document,
    Force,
    Instrument,
    Ladder,
    RowType,
    Tests,
)
from .second_periods import faults_of_second_periods
from .time_rules import Start, parse_time_rule


class Fault(NamedTuple):
    """`key` names the line of the row that is wrong, as nearly as one key can."""

    key: str
    words: str


def faults_of(
    row: Instrument, refusals: Container[str], instruments: Container[str], ladders: Mapping[str, Ladder]
) -> Iterable[Fault]:
    """Everything wrong with one row that its types alone do not show."""
    yield from _unknown_codes(row, refusals, instruments)
    yield from _time(row)
    yield from _ladder(row, ladders)
    for words in faults_of_second_periods(row.second_periods, arrives=row.arrives):
        yield Fault("second_periods", words)
    for key, words, is_wrong in RULES:
        if is_wrong(row):
            yield Fault(key, words)


def _unknown_codes(row: Instrument, refusals: Container[str], instruments: Container[str]) -> Iterable[Fault]:
    registers: Mapping[str, tuple[str, Iterable[str], Container[str]]] = {
        "kinds": ("kind", row.kinds, KINDS),
        "nations": ("nation", row.nations, NATIONS),
        "issuers": ("issuer", row.issuers, ISSUERS),
        "refusals": ("refusal", row.refusals, refusals),
        "evidence": ("evidence", row.evidence, EVIDENCE_CODES),
        "opinions": ("opinion", row.opinions, OPINIONS),
        "comms": ("class of communications data", row.comms, tuple(Comms)),
        "needs_submit": ("need", row.needs_submit, FORM_CODES),
        "needs_review": ("need", row.needs_review, FORM_CODES),
        "needs_release": ("need", row.needs_release, FORM_CODES),
        "present_law": ("instrument", row.present_law, instruments),
        "scheme": ("calendar scheme", (row.scheme,), SCHEMES),
        "secrecy": ("secrecy code", (row.secrecy,), SECRECY_WORDS),
        "retention": ("retention class", (row.retention,), RETENTION_WORDS),
        "report_category": ("report category", (row.report_category,), REPORT_CATEGORIES),
    }
    for key, (what, codes, register) in registers.items():
        for code in codes:
            if code not in register:
                yield Fault(key, f"{what} {code!r} is in no register")


def _time(row: Instrument) -> Iterable[Fault]:
    """Only what is neither worked nor routed may go without a rule of time."""
    if row.time_rule:
        try:
            if parse_time_rule(row.time_rule).start is Start.TOLD:
                yield Fault("time_rule", "an answer is not counted from what we told somebody")
        except ValueError as error:
            yield Fault("time_rule", str(error))
    if row.time_rule == "SLA" and not (row.working_days and row.urgent_working_days):
        yield Fault("working_days", "the house's own days need a number, and one for urgent requests")


def _ladder(row: Instrument, ladders: Mapping[str, Ladder]) -> Iterable[Fault]:
    """Whatever arrives has a clock, and so somebody who is reminded of it."""
    ladder = ladders.get(row.ladder)
    if not row.arrives:
        if row.ladder:
            yield Fault("ladder", "nobody is reminded of what does not arrive: it has no ladder")
    elif ladder is None:
        yield Fault("ladder", f"ladder {row.ladder!r} is in no register")
    elif ladder.clocks:
        yield Fault("ladder", f"ladder {row.ladder!r} belongs to clocks, not to an instrument")
    elif ladder.contempt_risk is not (row.force is Force.COMPULSORY):
        yield Fault(
            "ladder",
            f"ladder {row.ladder!r}: a compulsory instrument, and no other, runs the risk of contempt",
        )


def _is_worked(row: Instrument) -> bool:
    return row.row_type is RowType.REQUEST


def _is_compulsory(row: Instrument) -> bool:
    return _is_worked(row) and row.force is Force.COMPULSORY


Rule = tuple[str, str, Callable[[Instrument], bool]]
RULES: tuple[Rule, ...] = (
    ("statute", "statute is empty", lambda row: not row.statute.strip()),
    ("name", "name is empty", lambda row: not row.name.strip()),
    ("plain_words", "plain_words is empty", lambda row: not row.plain_words.strip()),
    ("who", "who is empty: say who may make it", lambda row: not row.who.strip()),
    ("link", "link is no address of a published text", lambda row: not row.link.startswith("https://")),
    ("kinds", "a row belongs to at least one kind", lambda row: not row.kinds),
    ("nations", "a row reaches at least one nation", lambda row: not row.nations),
    ("needs_verification", "a row from memory must say needs_verification = true", lambda row: "M" in row.conf and not row.needs_verification),
    ("answer", "`answer` is for a row that is recognised and not worked, and needed there", lambda row: _is_worked(row) == bool(row.answer)),
    ("approvals", "an instrument that is worked needs at least one approval", lambda row: _is_worked(row) and row.approvals < 1),
    ("evidence", "an instrument that is worked needs evidence of who asks", lambda row: _is_worked(row) and not row.evidence),
    ("refusals", "an instrument that is worked can be refused for something", lambda row: _is_worked(row) and not row.refusals),
    ("needs_review", "an instrument that is worked needs people and items before review", lambda row: _is_worked(row) and not {"SUBJECTS", "ITEMS"} <= set(row.needs_review)),
    ("issuers", "an instrument that is worked has somebody who may use it", lambda row: _is_worked(row) and not row.issuers),
    ("time_rule", "an instrument that is worked, or handed to legal, needs a rule of time", lambda row: row.row_type in {RowType.REQUEST, RowType.ROUTE} and not row.time_rule),
    ("time_rule", "a compulsory instrument never falls back to the house's own days", lambda row: row.force is Force.COMPULSORY and row.time_rule == "SLA"),
    ("refusals", "a compulsory instrument may be refused only for R-AUTH, R-INST, R-PRIV, R-PRAC or R-VARY", lambda row: _is_compulsory(row) and not COMPULSORY_REFUSALS.issuperset(row.refusals)),
    ("tests", "a compulsory instrument, and no other, asks the compulsory tests", lambda row: _is_worked(row) and (row.force is Force.COMPULSORY) != (row.tests is Tests.COMPULSORY)),
    ("document", "a compulsory instrument needs its document", lambda row: _is_compulsory(row) and row.document is Document.NONE),
    ("evidence", "a court's document must be checked: evidence COURT_DOCUMENT", lambda row: _is_worked(row) and row.document is Document.COURT and "COURT_DOCUMENT" not in row.evidence),
    ("evidence", "a notice must be checked: evidence NOTICE_CHECKED", lambda row: _is_worked(row) and row.document is Document.NOTICE and "NOTICE_CHECKED" not in row.evidence),
    ("evidence", "where an authority is to be shown, the form asks for it and a person looks at it: AUTHORITY_SHOWN in needs_review and in evidence", lambda row: _is_worked(row) and ("AUTHORITY_SHOWN" in row.needs_review) != ("AUTHORITY_SHOWN" in row.evidence)),
    ("oral", "a court's document does not come by word of mouth", lambda row: row.oral and row.document is Document.COURT),
    ("secrecy", "communications data notices are secret: Investigatory Powers Act 2016, section 82", lambda row: row.report_category == "communications-data" and not row.secrecy.startswith("IPA-")),
    ("secrecy", "an order or notice against money laundering or terrorism needs its secrecy code", lambda row: _is_compulsory(row) and "A" in row.kinds and not row.secrecy),
    ("approvals", "a voluntary request of kind A needs two approvals", lambda row: _is_worked(row) and "A" in row.kinds and row.voluntary and row.approvals < 2),
    ("tests", "a company's request, and no other, is weighed as a legitimate interest", lambda row: _is_worked(row) and ("G" in row.kinds) != (row.tests is Tests.LEGITIMATE)),
    ("kinds", "what is outside the three kinds is handed to legal and never worked", lambda row: "O" in row.kinds and row.row_type is not RowType.ROUTE),
    ("needs_review", "where a rank is demanded the form must ask for it: REQUESTER_RANK", lambda row: _is_worked(row) and row.issuer_minimum > LOWEST_RANK and "REQUESTER_RANK" not in row.needs_review),
    ("countersigner_minimum", "a countersignature needs the rank it must have", lambda row: row.countersignature != (row.countersigner_minimum > 0)),
    ("issuers", "nobody sends us our own duty or what is never recorded", lambda row: row.row_type in {RowType.OUTGOING, RowType.NOTE} and bool(row.issuers)),
)  # fmt: skip
LOWEST_RANK = 10
