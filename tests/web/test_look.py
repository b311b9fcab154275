"""The stylesheet: what can be told apart, and that all of it is there."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from disclosures.states import STATE_WORDS, State
from disclosures.templatetags import desk

STYLESHEET = (Path(__file__).resolve().parents[2] / "static" / "cpdisclose.css").read_text()


def colours() -> dict[str, tuple[str, str]]:
    found = re.findall(r"--([a-z-]+): light-dark\((#\w{6}), (#\w{6})\)", STYLESHEET)
    return {name: (light, dark) for name, light, dark in found}


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


TONES = ("quiet", "going", "weigh", "good", "warn", "alarm")
MEETING = [
    *(
        (text, ground)
        for text in ("ink", "ink-soft", "accent", "accent-deep", *TONES)
        for ground in ("paper", "sheet", "sunk")
    ),
    *((tone, f"{tone}-wash") for tone in (*TONES, "accent")),
    *(("ink", f"{tone}-wash") for tone in (*TONES, "accent")),
    ("ink-soft", "accent-wash"),
    ("on-accent", "accent"),
    ("on-accent", "accent-deep"),
]


@pytest.mark.parametrize(("theme", "side"), [("light", 0), ("dark", 1)])
@pytest.mark.parametrize(("text", "ground"), MEETING)
def test_words_stand_out_from_what_they_stand_on(text: str, ground: str, theme: str, side: int) -> None:
    pair = colours()[text][side], colours()[ground][side]
    assert contrast(*pair) >= 4.5, f"{text} on {ground} in the {theme} theme: {contrast(*pair):.2f}"


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize("line", ["edge", "focus"])
def test_the_edge_of_a_control_and_the_focus_can_be_seen(line: str, side: int) -> None:
    assert (
        min(contrast(colours()[line][side], colours()[ground][side]) for ground in ("paper", "sheet", "sunk"))
        >= 3
    )


def test_every_state_has_a_word_a_look_and_a_shape_that_is_drawn() -> None:
    assert set(desk.STATE_LOOKS) == set(State) == set(STATE_WORDS)
    for state in State:
        assert STATE_WORDS[state] in desk.state_mark(state)
    assert ".state::before" in STYLESHEET
    drawn = set(re.findall(r"\.state-([a-z]+)::before", STYLESHEET)) | {
        "ended"
    }  # ended keeps the plain square
    assert set(desk.STATE_LOOKS.values()) <= drawn


def test_every_file_that_a_stylesheet_names_is_there(settings: Any, tmp_path: Path) -> None:
    storage = {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": storage}
    settings.STATIC_ROOT = tmp_path
    call_command("collectstatic", interactive=False, verbosity=0)
    assert (tmp_path / "staticfiles.json").exists()
