"""Which instruments never reach excluded material: what somebody holds in confidence of a person's health, counselling or
welfare, tissue taken for treatment, and what was gathered for journalism (PACE 1984 s.11 to 13).

PACE Schedule 1, second set of access conditions, and the Terrorism Act 2000 Schedule 5 para 5 and 11 can reach it (V). Of
what is not named here (a witness summons, a warrant whose paragraph is not known) counsel says whether it does.
"""

from collections.abc import Mapping

# V read in the statute or the rules of court, M+ from memory.
NEVER_REACHED_BY: Mapping[str, str] = {
    "P-PACE8": "Police and Criminal Evidence Act 1984, section 8(1)(d)",  # M+
    "P-SOC62": "Serious Organised Crime and Police Act 2005, section 64",  # M+
    "A-PO": "Proceeds of Crime Act 2002, section 348",  # V (Criminal Procedure Rules), the subsection M+
    "A-OGE": "Proceeds of Crime Act 2002, section 348",  # as the production order beside which it is made
    "A-SSW": "Proceeds of Crime Act 2002, section 354",  # M+
    "A-DO": "Proceeds of Crime Act 2002, section 361",  # M+
    "A-T5A": "Terrorism Act 2000, Schedule 5A, paragraph 13(3)",  # V
}
# The Scottish chapters of these laws know no such class (M+): there counsel is asked.
WITHOUT_SUCH_A_CLASS = "SC"


def never_reached_by(code: str, nation: str) -> str:
    """Section that keeps it outside the instrument, in words; empty where it may be reached."""
    return "" if nation == WITHOUT_SUCH_A_CLASS else NEVER_REACHED_BY.get(code, "")
