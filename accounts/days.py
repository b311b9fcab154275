"""Days as the British write them. Pure; every app above may use it."""

from datetime import date


def british(day: date) -> str:
    """“24 November 2026”; of a moment, the day it is written with."""
    return f"{day.day} {day:%B %Y}"


def in_full(day: date) -> str:
    """“Tuesday 24 November 2026”."""
    return f"{day:%A} {british(day)}"
