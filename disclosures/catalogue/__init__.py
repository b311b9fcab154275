"""The legal instruments and their registers, read once from the data files beside this module."""

from .loader import CatalogueError, load
from .schema import Comms, Force, Instrument, ItemType, Rank, Refusal, RowType

CATALOGUE = load()
INSTRUMENTS = CATALOGUE.instruments
ITEM_TYPES = CATALOGUE.item_types
REFUSALS = CATALOGUE.refusals
RANKS = CATALOGUE.ranks

__all__ = [
    "CATALOGUE",
    "INSTRUMENTS",
    "ITEM_TYPES",
    "RANKS",
    "REFUSALS",
    "CatalogueError",
    "Comms",
    "Force",
    "Instrument",
    "ItemType",
    "Rank",
    "Refusal",
    "RowType",
]
