"""Deciding the items: one form for each item of each person, and one for a whole group of like lines."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict

from ..catalogue import Refusal
from ..models import ItemDecision
from ..selectors.likeness import Group
from .base import DeskForm
from .work import LongText

Decision, Others = ItemDecision.Decision, ItemDecision.Others


class DecisionForm(DeskForm):
    """What both forms share: what is decided, and why something is withheld."""

    closed = ""

    decision = forms.ChoiceField(label="Decision", required=False)
    refusal_code = forms.ChoiceField(label="Reason for withholding", required=False)

    def offer(
        self, *, undecided: bool, may_disclose: bool, refusals: Sequence[Refusal], closed: str = ""
    ) -> None:
        """`closed`: why it may not be disclosed as things stand, in sentences."""
        self.closed = closed
        if closed:
            self.fields["decision"].error_messages["invalid_choice"] = closed
        may_disclose = may_disclose and not closed
        offered = [
            (value, words) for value, words in Decision.choices if may_disclose or value != Decision.DISCLOSE
        ]
        codes = [(row.code, f"{row.code}: {row.words}") for row in refusals]
        self.fields["decision"].choices = [*([("", "Not decided yet")] if undecided else []), *offered]  # type: ignore[attr-defined]
        self.fields["refusal_code"].choices = [("", "None"), *codes]  # type: ignore[attr-defined]


class PairForm(DecisionForm):
    """The decision on one item of one person. Each field carries what was shown, to tell what was changed.

    `decided`: as what so far, empty for not yet. `closed`: why it may not be disclosed as things stand.
    `shows_others`: the item may show somebody else, whose part is decided for itself.
    """

    decision = forms.ChoiceField(label="Decision", required=False, show_hidden_initial=True)
    refusal_code = forms.ChoiceField(label="Reason for withholding", required=False, show_hidden_initial=True)
    text = LongText(label="Text to disclose", required=False, show_hidden_initial=True)
    others = forms.ChoiceField(
        label="What shows another person", required=False, show_hidden_initial=True, choices=Others.choices
    )
    others_text = LongText(label="Text about the other person", required=False, show_hidden_initial=True)
    others_reason = LongText(
        label="Where that is asked for, and why it is given or withheld", required=False, show_hidden_initial=True
    )  # fmt: skip
    reason = LongText(label="Note for the file", required=False, show_hidden_initial=True)

    def __init__(
        self,
        data: QueryDict | None,
        *,
        where: str,
        decided: str,
        may_disclose: bool,
        closed: str,
        shows_others: bool,
        refusals: Sequence[Refusal],
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        self.where, self.decided = where, bool(decided)
        taken_back = bool(closed) and decided == Decision.DISCLOSE
        self.offer(
            undecided=not decided or taken_back, may_disclose=may_disclose, refusals=refusals, closed=closed
        )
        may_disclose = may_disclose and not closed
        self.fields["text"].widget.attrs["rows"] = 3
        for name in ("others_text", "others_reason", "reason"):
            self.fields[name].widget.attrs["rows"] = 2
        if not may_disclose:
            del self.fields["text"]
        if not may_disclose or not shows_others:
            for name in ("others", "others_text", "others_reason"):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        given = dict(super().clean() or {})
        decision = given.get("decision", "")
        if decision == Decision.DISCLOSE:
            given["refusal_code"] = ""
            if not given.get("text"):
                self.add_error("text", f"{self.where}: write the text to disclose.")
            self._clean_others(given)
        else:
            given |= {"text": "", "others": "", "others_text": "", "others_reason": ""}
        if decision == Decision.WITHHOLD and not given.get("refusal_code"):
            self.add_error("refusal_code", f"{self.where}: choose the reason for withholding it.")
        if decision in {Decision.NOT_HELD, Decision.NEITHER}:
            given["refusal_code"] = ""
        if decision == Decision.NEITHER and not given.get("reason"):
            self.add_error(
                "reason", f"{self.where}: say in the note why confirming or denying would do harm."
            )
        return given

    def _clean_others(self, given: dict[str, Any]) -> None:
        if "others" not in self.fields:
            return
        if given.get("others") == Others.DISCLOSE and not given.get("others_text"):
            self.add_error("others_text", f"{self.where}: write the text about the other person.")
        if given.get("others") in {Others.DISCLOSE, Others.WITHHOLD} and not given.get("others_reason"):
            self.add_error(
                "others_reason",
                f"{self.where}: say where the other person’s part is asked for, and why it is given or withheld.",
            )

    @property
    def to_save(self) -> bool:
        """Decided now for the first time, or otherwise than the page showed."""
        return bool(self.cleaned_data["decision"]) and (not self.decided or self.has_changed())


class GroupForm(DecisionForm):
    """One decision for every line of a group; what was found of each person is what each discloses."""

    decision = forms.ChoiceField(
        label="Decision", error_messages={"required": "Choose what happens with the lines of the group."}
    )
    refusal_code = forms.ChoiceField(label="Reason for withholding", required=False)
    reason = LongText(label="Note for the file", required=False, widget=forms.Textarea({"rows": 2}))

    def __init__(
        self, data: QueryDict | None, *, group: Group, closed: str, refusals: Sequence[Refusal], **kwargs: Any
    ) -> None:
        super().__init__(data, prefix=f"g{group.key}", **kwargs)
        self.group = group
        self.where = group.item.catalogued.name
        self.offer(undecided=True, may_disclose=group.was_found, refusals=refusals, closed=closed)

    def clean(self) -> dict[str, Any]:
        given = dict(super().clean() or {})
        if given.get("decision") != Decision.WITHHOLD:
            given["refusal_code"] = ""
        elif not given.get("refusal_code"):
            self.add_error("refusal_code", "Choose the reason for withholding them.")
        return given
