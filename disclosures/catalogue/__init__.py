"""The legal instruments and their registers, read once from the data files beside this module."""

from .loader import CatalogueError, load
from .schema import (
    Addressees,
    Comms,
    Document,
    Force,
    Instrument,
    ItemType,
    Ladder,
    PolicyPurpose,
    Rank,
    Refusal,
    RowType,
    Tests,
)

CATALOGUE = load()
INSTRUMENTS = CATALOGUE.instruments
ITEM_TYPES = CATALOGUE.item_types
REFUSALS = CATALOGUE.refusals
RANKS = CATALOGUE.ranks
PURPOSES = CATALOGUE.purposes
LADDERS = CATALOGUE.ladders

__all__ = [
    "CATALOGUE",
    "INSTRUMENTS",
    "ITEM_TYPES",
    "LADDERS",
    "PURPOSES",
    "RANKS",
    "REFUSALS",
    "Addressees",
    "CatalogueError",
    "Comms",
    "Document",
    "Force",
    "Instrument",
    "ItemType",
    "Ladder",
    "PolicyPurpose",
    "Rank",
    "Refusal",
    "RowType",
    "Tests",
]
