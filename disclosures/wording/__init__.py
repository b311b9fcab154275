"""The wording of our letters: the house's texts, and the small language in which an office may change them.

Nothing in it can be run: a text has places for values that the letter brings along, and parts that stand only
where a value is there. `{our reference}` is a place; `[if missing] … [end]` and `[if not missing] … [end]` are
parts. A value is put in as it is and never read as wording.
"""

from .language import Fault, faults_of, written
from .letters import LETTERS, LetterKind, house_text

__all__ = ["LETTERS", "Fault", "LetterKind", "faults_of", "house_text", "written"]
