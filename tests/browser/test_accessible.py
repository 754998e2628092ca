"""No rule of axe-core is broken, in light and dark, on the start screen, at work and in each dialog."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from person import click, opened, settled
from playwright.sync_api import Browser, Page, expect
from running_studio import PATIENCE_MS, Studio

AXE = Path(__file__).parents[2] / "frontend/node_modules/axe-core/axe.min.js"
DIALOGS = ["Save", "Variants", "Keyboard shortcuts"]


@pytest.fixture(params=["light", "dark"])
def tab(request: pytest.FixtureRequest, chromium: Browser, studio: Studio) -> Iterator[Page]:
    """The start screen; its content security policy is off, as axe is put into the page."""
    if not AXE.is_file():
        pytest.skip("the page's packages are not installed: npm ci --prefix frontend")
    scheme: Literal["light", "dark"] = request.param
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, color_scheme=scheme, bypass_csp=True)
    context.set_default_timeout(PATIENCE_MS)
    found = context.new_page()
    found.goto(studio.address)
    expect(found.get_by_role("button", name="White church")).to_be_visible()
    found.add_script_tag(path=AXE)
    yield found
    context.close()


def violations(tab: Page) -> list[str]:
    """What axe finds wrong: the rule and the elements."""
    found: list[dict[str, Any]] = tab.evaluate("axe.run().then(result => result.violations)")
    return [f"{rule['id']}: {node['html'][:120]}" for rule in found for node in rule["nodes"]]


def test_no_rule_is_broken_from_the_start_screen_to_the_dialogs(tab: Page) -> None:
    assert violations(tab) == []
    tab.get_by_role("button", name="White church").click()
    opened(tab)
    click(tab, 620, 640)
    settled(tab)
    assert violations(tab) == []
    for name in DIALOGS:
        tab.get_by_role("button", name=name, exact=True).click()
        dialog = tab.get_by_role("dialog", name=name, exact=True)
        expect(dialog).to_be_visible()
        assert violations(tab) == [], name
        tab.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
