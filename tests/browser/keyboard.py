"""A hand that never touches the mouse: what a test does with a page is done with keys alone.

Whoever is asked for is reached by Tab, must show its focus, and is answered as a person would: letters into a
box, arrows in a list or among radio buttons, the space bar on a tick, Enter on a link or a button.
"""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page

FURTHEST = 400
FOCUS_IS_SEEN = """element => {
  const seen = (node, part) => {
    const style = getComputedStyle(node, part);
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
  };
  const around = element.closest("label, .option");
  return seen(element) || seen(element, "::after") || (around !== null && seen(around));
}"""
SAME = """(element, wanted) => element === wanted
  || (element.type === "radio" && wanted.type === "radio" && element.name === wanted.name && element.form === wanted.form)"""


def _reach(target: Locator) -> Locator:
    """Tabs on until the target has the focus, as Tab alone would bring it there, and looks whether it shows."""
    page = target.page
    target = target.first
    target.wait_for(state="attached")
    wanted = target.element_handle()
    for _ in range(FURTHEST):
        active = page.evaluate_handle("document.activeElement")
        if page.evaluate("([element, wanted]) => (" + SAME + ")(element, wanted)", [active, wanted]):
            assert active.evaluate(FOCUS_IS_SEEN), f"the focus on {target} cannot be seen"
            return target
        page.keyboard.press("Tab")
    raise AssertionError(f"{target} is not reached by {FURTHEST} tabs")


def _fill(target: Locator, value: str, **_: Any) -> None:
    _reach(target)
    target.page.keyboard.press("Control+A")
    target.page.keyboard.insert_text(value)


def _check(target: Locator, **_: Any) -> None:
    _reach(target)
    keys = target.page.keyboard
    if target.first.get_attribute("type") != "radio":
        if not target.first.is_checked():
            keys.press("Space")
        return
    keys.press("Space")
    for _round in range(30):
        if target.first.is_checked():
            return
        keys.press("ArrowDown")
    raise AssertionError(f"{target} is not reached by the arrows")


def _select(target: Locator, value: str | None = None, *, label: str | None = None, **_: Any) -> None:
    _reach(target)
    keys = target.page.keyboard
    keys.press("Home")
    for _round in range(FURTHEST):
        chosen = target.first.evaluate("select => [select.value, select.selectedOptions[0].label]")
        if (value is not None and chosen[0] == value) or (label is not None and chosen[1] == label):
            return
        keys.press("ArrowDown")
    raise AssertionError(f"{value or label} is not in {target}")


def _click(target: Locator, **_: Any) -> None:
    _reach(target)
    target.page.keyboard.press("Enter")


def only_keys(patch: pytest.MonkeyPatch) -> None:
    """From here on Playwright's ways to fill, choose and press go by the keyboard."""
    for name, by_keys in {"fill": _fill, "check": _check, "select_option": _select, "click": _click}.items():
        patch.setattr(Locator, name, by_keys)

        def on_page(page: Page, selector: str, *args: Any, by_keys: Any = by_keys, **kwargs: Any) -> None:
            by_keys(page.locator(selector), *args, **kwargs)

        patch.setattr(Page, name, on_page)
