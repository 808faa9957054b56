"""A JupyterLab over a copy of the course, a headless Chromium, and a fresh page for each test."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tools.lab import CHROMIUM, copy_course, running_chromium, running_lab


@pytest.fixture(scope="session")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the course, so that no test can change a lesson."""
    return copy_course(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="session")
def lab(course: Path) -> Iterator[str]:
    """The address of a running JupyterLab over the copy."""
    with running_lab(course) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium without a window; without one on this machine the tests are skipped, but never in CI."""
    if CHROMIUM is None and not os.environ.get("CI"):
        pytest.skip("no Chromium here; on Debian: apt-get install chromium")
    with running_chromium() as chromium:
        yield chromium


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page; an error in it, or in its console, fails the test."""
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: message.type == "error" and errors.append(message.text))
    yield page
    page.close()
    assert errors == []
