"""The codes a row of the catalogue may use, with their words."""

SECRECY_WORDS = {
    "": "No duty of secrecy.",
    "PREJ": "No duty of secrecy; the person is not told where that would do harm.",
    "TO-333A": "Tipping off, in the regulated sector: up to two years (Proceeds of Crime Act 2002, section 333A).",
    "TO-342": "Prejudicing an investigation, which binds everybody: up to five years (Proceeds of Crime Act 2002, section 342).",
    "TO-21D": "Tipping off about terrorist finance, in the regulated sector: up to two years (Terrorism Act 2000, section 21D).",
    "TO-39": "Prejudicing a terrorist investigation, which binds everybody: up to five years (Terrorism Act 2000, section 39).",
    "IPA-82": "Telling the person that the notice exists: up to two years (Investigatory Powers Act 2016, section 82).",
    "IPA-57": "Secrecy of interception: up to five years (Investigatory Powers Act 2016, sections 57 and 59).",
    "ND": "The order itself forbids telling, until it ends.",
    "RIPA-54": "Telling of a notice that is marked secret: up to five years (Regulation of Investigatory Powers Act 2000, section 54).",
    "MLR-87": "Prejudicing an investigation of a supervisor (Money Laundering Regulations 2017, regulation 87).",
    "CICA-42": "Telling of an order made for abroad: up to five years (Crime (International Co-operation) Act 2003, section 42).",
    "EPOC-13": "Confidentiality of a European order (Regulation (EU) 2023/1543, article 13).",
}
RETENTION_WORDS = {
    "RET-CASE": "Six years after it is closed",
    "RET-AML": "Five years from the end of the relationship, ten at most",
    "RET-SAR": "Five years from the report, in a separate cell",
    "RET-AUD": "As long as the log: seven years",
    "RET-REF": "Two years; six where something compulsory was involved",
    "RET-EMER": "Six years",
    "RET-CPL": "Six years",
    "RET-HOLD": "Until the hold is lifted, before every other rule",
}
REPORT_CATEGORIES = (
    "voluntary-police", "emergency", "court-order", "warrant", "notice", "communications-data", "preservation", "aml-enquiry",
    "terrorism", "sanctions", "foreign", "group", "outside-policy", "own-duty", "not-recorded",
)  # fmt: skip
SCHEMES = ("PART", "ANY_UK", "REG", "SLA")
KINDS = ("G", "P", "A", "O")
NATIONS = ("EW", "SC", "NI")
COMPULSORY_REFUSALS = frozenset({"R-AUTH", "R-INST", "R-PRIV", "R-PRAC", "R-VARY"})
