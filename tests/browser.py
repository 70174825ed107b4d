"""A real browser for tests: Debian's chromium, driven by Playwright, on the pages of the running service."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.served import Served

AXE = (
    Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js"
)  # 4.10.3, MPL 2.0: its licence is beside it
REQUIRED = "PATHWAYS_BROWSER_REQUIRED"  # set where a missing browser is a fault and no reason to skip


@contextmanager
def browser() -> Iterator[Browser]:
    """Chromium, for the time of the block; tests are skipped where there is none."""
    path = shutil.which("chromium")
    if path is None:
        said = "There is no chromium here, so no page is opened in a real browser. Install Debian's chromium."
        if os.environ.get(REQUIRED):
            pytest.fail(said)
        pytest.skip(said)
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield found
        found.close()


@contextmanager
def window(
    of: Browser, service: Served, token: str = "", width: int = 1100, has_script: bool = True
) -> Iterator[Page]:
    """A window of somebody signed in by a token, on the service; nobody's where there is none."""
    context = of.new_context(
        base_url=service.url, viewport={"width": width, "height": 900}, java_script_enabled=has_script
    )
    context.set_default_timeout(8_000)
    if token:
        context.add_cookies([{"name": "pathways", "value": token, "url": service.url}])
    yield context.new_page()
    context.close()


def faults(page: Page) -> list[str]:
    """What axe-core finds on a page as it stands, of every impact; rule, and where."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{each['impact']} {each['id']}: {node['target']}"
        for each in found["violations"]
        for node in each["nodes"]
    ]
