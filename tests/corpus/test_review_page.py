"""The page of `ecom corpus --review`, opened from a file in a real browser."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from ecom.corpus.review import page as review_page
from ecom.rows import Example

CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.integration,
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.skipif(
        CHROMIUM is None,
        reason="no `chromium` on PATH; install it (Debian: apt-get install chromium)",
    ),
]
ARGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]

HOSTILE = [
    "</script><script>window.hacked = 1</script>",
    "<img src=x onerror='window.hacked = 1'>",
    "<!-- <script> ]]> \\u003c \\",
    "line\u2028break \u202eright to left\u202c &lt;b&gt; 商品 \0",
    "DATA SCRIPT_HASH ${1} $& __proto__",
]


def row(n: int, **changes: Any) -> Example:
    known = {"source": "shop.csv", "task": "t", "transform": None, **changes}
    return replace(
        Example("", "", "generation", "GEN", None, f"ask {n}", f"say {n}"), id="", **known
    )


ROWS = [
    *(row(n, task="titles" if n < 3 else "brands", transform="reverse:qa") for n in range(5)),
    *(row(n, source="talks.jsonl", prompt=text, output=text) for n, text in enumerate(HOSTILE)),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=20_000)  # maybe a busy machine
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """The page; whatever a test does, it asks for nothing and the console stays clean."""
    review_page.write(tmp_path / "review.html", ROWS, "Review of <b>shop</b>")
    page = browser.new_page()  # with a storage of its own
    page.set_default_timeout(20_000)
    asked: list[str] = []
    faults: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text))
    page.goto((tmp_path / "review.html").as_uri())
    yield page
    page.close()
    assert {url.split(":")[0] for url in asked} <= {"file", "data", "blob"}
    assert faults == []


def state(page: Page) -> str:
    return page.get_by_role("status").inner_text()


def saved(page: Page) -> list[dict[str, str]]:
    with page.expect_download() as download:
        page.keyboard.press("d")
    assert download.value.suggested_filename == "verdicts.jsonl"
    return [json.loads(line) for line in download.value.path().read_text("utf-8").splitlines()]


def test_rows_are_judged_by_keyboard_and_saved(page: Page) -> None:
    assert page.title() == "Review of <b>shop</b>"
    assert page.locator("#prompt").inner_text() == "ask 0"
    assert page.locator("#output").inner_text() == "say 0"
    page.keyboard.press("a")
    page.keyboard.press("r")
    page.keyboard.press("1")
    page.keyboard.press("r")
    page.keyboard.type("a dull durian, as said")  # letters that are keys elsewhere
    page.keyboard.press("Enter")
    page.keyboard.press("s")
    page.keyboard.press("r")
    page.keyboard.press("Escape")
    assert state(page) == "Row 5 of 10: 1 accepted, 2 rejected, 1 skipped, 6 to do"
    shop = {"source": "shop.csv", "transform": "reverse:qa"}
    assert saved(page) == [
        {"id": ROWS[0].id, "verdict": "accept", **shop, "task": "titles"},
        {"id": ROWS[1].id, "verdict": "reject", "reason": "wrong answer", **shop, "task": "titles"},
        {
            "id": ROWS[2].id,
            "verdict": "reject",
            "reason": "a dull durian, as said",
            **shop,
            "task": "titles",
        },
    ]


def test_verdicts_outlive_the_page_and_are_taken_back_one_by_one(page: Page) -> None:
    page.keyboard.press("a")
    page.keyboard.press("a")
    page.reload()
    assert state(page) == "Row 3 of 10: 2 accepted, 0 rejected, 0 skipped, 8 to do"
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_text("Accepted", exact=True)).to_be_visible()
    page.keyboard.press("r")
    page.keyboard.press("2")
    assert [line["verdict"] for line in saved(page)] == ["accept", "reject"]
    page.keyboard.press("u")
    assert [line["verdict"] for line in saved(page)] == ["accept", "accept"]
    assert page.locator("#prompt").inner_text() == "ask 1"
    page.keyboard.press("u")
    page.keyboard.press("u")
    page.keyboard.press("u")
    assert saved(page) == []
    page.reload()
    assert state(page) == "Row 1 of 10: 0 accepted, 0 rejected, 0 skipped, 10 to do"


def test_a_filter_leads_through_its_rows_alone(page: Page) -> None:
    page.get_by_label("task").select_option("brands")
    assert state(page) == "Row 1 of 2: 0 accepted, 0 rejected, 0 skipped, 2 to do"
    page.get_by_role("button", name="Accept").click()
    page.get_by_label("task").focus()
    page.keyboard.press("Escape")  # back from the filter to the row
    page.keyboard.press("a")
    expect(page.get_by_text("Every row here has been looked at")).to_be_visible()
    assert {line["task"] for line in saved(page)} == {"brands"}
    page.get_by_label("source").select_option("talks.jsonl")
    expect(page.get_by_text("No row has all of these")).to_be_visible()
    page.get_by_label("task").select_option("")
    assert state(page).startswith("Row 1 of 5")


def test_hostile_texts_are_shown_and_never_run(page: Page) -> None:
    page.get_by_label("source").select_option("talks.jsonl")
    for text in HOSTILE:
        assert page.locator("#prompt").evaluate("node => node.textContent") == text
        assert page.locator("#output").evaluate("node => node.children.length") == 0
        page.keyboard.press("ArrowRight")
    assert page.evaluate("window.hacked") is None
    policy = page.locator("meta[http-equiv]").get_attribute("content") or ""
    assert "unsafe-inline" not in policy.split("script-src")[1].split(";")[0]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_keeps_the_rules_of_accessibility(page: Page, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    page.keyboard.press("a")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("r")
    found = Axe().run(page).response["violations"]
    assert [violation["id"] for violation in found] == []
