"""Forms on the page: every problem at once, every control with its label, rows without script."""

from datetime import UTC, datetime

from django import forms
from django.http import QueryDict
from django.template.loader import render_to_string

from disclosures.forms.base import DeskForm, DeskFormSet
from disclosures.forms.fields import DayMonthYearField, MomentField
from disclosures.forms.rows import edited_rows
from disclosures.templatetags import desk

from .html import Page


class Person(DeskForm):
    name = forms.CharField(label="Name")
    born = DayMonthYearField(label="Date of birth", full_year=True, required=False)


class People(DeskFormSet):
    word = "person"


PersonSet = forms.formset_factory(Person, formset=People, extra=1)


class Receipt(DeskForm):
    route = forms.ChoiceField(label="How it came", choices=[("p", "Post")], widget=forms.RadioSelect)
    at = MomentField(label="Received at", help_text="London time.")
    why = forms.CharField(label="Why it is needed", widget=forms.Textarea, help_text="As the form says.")
    marked = forms.BooleanField(label="Do not notify", required=False, help_text="A marker for us.")


def test_every_problem_is_listed_at_once_and_leads_to_a_field_that_is_there() -> None:
    form = Receipt({"at_day": "31", "at_month": "2", "at_year": "2026"})
    seen = Page(str(form))
    assert "3 things need putting right" in seen.text
    targets = [link["href"].removeprefix("#") for link in seen.every("a")]
    assert targets == ["id_route_0", "id_at_0", "id_why"]
    assert set(targets) <= set(seen.ids)
    [summary] = [attrs for _, attrs in seen.elements if attrs.get("class") == "error-summary"]
    assert summary["tabindex"] == "-1"
    assert "autofocus" in summary


def test_what_describes_a_field_is_on_the_page() -> None:
    seen = Page(str(Receipt({"at_day": "31", "at_month": "2", "at_year": "2026"})))
    described = [
        attrs["aria-describedby"].split() for _, attrs in seen.elements if attrs.get("aria-describedby")
    ]
    assert ["id_at_helptext", "id_at_error"] in described
    assert {name for group in described for name in group} <= set(seen.ids)


def test_what_was_typed_stays() -> None:
    seen = Page(str(Receipt({"at_day": "31", "at_month": "feb", "why": "Theft <1>"})))
    assert {"31", "feb"} <= {box.get("value") for box in seen.every("input")}
    assert "Theft <1>" in seen.text


def test_every_control_has_a_label_of_its_own() -> None:
    seen = Page(str(Receipt()))
    labelled = {label["for"] for label in seen.every("label")}
    controls = {attrs["id"] for tag in ("input", "select", "textarea") for attrs in seen.every(tag)}
    assert controls == labelled


def test_no_placeholder_stands_in_for_a_label() -> None:
    class Searching(DeskForm):
        terms = forms.CharField(widget=forms.TextInput({"placeholder": "Terms"}))

    assert "placeholder" not in str(Searching())


def test_a_field_says_by_when_its_answer_is_needed() -> None:
    form = Receipt()
    form.fields["why"].required = False
    assert "(optional)" in Page(str(form["why"].as_field_group())).text
    form.fields["why"].needed_by = "review"  # type: ignore[attr-defined]
    assert "(needed before review)" in Page(str(form["why"].as_field_group())).text


def test_a_moment_is_shown_in_london_time() -> None:
    form = Receipt(initial={"at": datetime(2026, 7, 1, 23, 30, tzinfo=UTC)})
    shown = [box["value"] for box in Page(str(form["at"])).every("input")]
    assert shown == ["2", "7", "2026", "00:30"]


def typed_rows(*names: str, **more: str) -> QueryDict:
    data = QueryDict(mutable=True)
    data.update({"subject-TOTAL_FORMS": str(len(names)), "subject-INITIAL_FORMS": "0", **more})
    for at, name in enumerate(names):
        data.update({f"subject-{at}-name": name, f"subject-{at}-born_day": str(at)})
    return data


def test_a_row_is_added_by_its_button() -> None:
    rows = PersonSet(edited_rows(typed_rows("Ana", **{"add-subject": "1"}), "subject"), prefix="subject")
    assert [form["name"].value() for form in rows] == ["Ana", None]


def test_a_row_is_taken_away_and_the_others_move_up_whole() -> None:
    data = edited_rows(typed_rows("Ana", "Ben", "Cy", **{"remove-subject-1": "1"}), "subject")
    assert data is not None
    rows = PersonSet(data, prefix="subject")
    assert [form["name"].value() for form in rows] == ["Ana", "Cy"]
    assert [form["born"].value()[0] for form in rows] == ["0", "2"]
    assert not [name for name in data if name.startswith(("subject-2", "remove-"))]


def test_other_buttons_leave_the_rows_alone() -> None:
    assert edited_rows(typed_rows("Ana", **{"add-item": "1", "save": "1"}), "subject") is None


def test_a_changed_set_of_rows_is_shown_again_without_complaint_and_never_counts_as_answered() -> None:
    rows = PersonSet(typed_rows("", "Ben"), prefix="subject")
    rows.hush()
    seen = Page(render_to_string("_formset.html", {"formset": rows}))
    assert "needs an answer" not in seen.text
    assert "Ben" in {box.get("value") for box in seen.every("input")}
    assert not rows.is_valid()
    assert not rows.forms[1].is_valid()


def test_the_buttons_of_the_rows_are_those_that_are_understood() -> None:
    rows = PersonSet(typed_rows("Ana", "Ben"), prefix="subject")
    seen = Page(render_to_string("_formset.html", {"formset": rows}))
    pressed = [button["name"] for button in seen.every("button")]
    assert pressed == ["remove-subject-0", "remove-subject-1", "add-subject"]
    assert all(edited_rows(typed_rows("Ana", "Ben", **{name: "1"}), "subject") for name in pressed)


def test_a_problem_in_a_row_names_the_row() -> None:
    problems = desk.error_summary(PersonSet(typed_rows("Ana", ""), prefix="subject"))["problems"]
    assert problems == [
        ("Person 1: Date of birth must include a month and a year.", "id_subject-0-born_0"),
        ("Person 2: “Name” needs an answer.", "id_subject-1-name"),
        ("Person 2: Date of birth must include a month and a year.", "id_subject-1-born_0"),
    ]
