"""The playground page of a real endpoint, in a real browser."""

import json
import re
import shutil
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, Route, expect, sync_playwright

CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.integration,
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.skipif(
        CHROMIUM is None,
        reason="no `chromium` on PATH; install it (Debian: apt-get install chromium)",
    ),
]

# In a container, as root, without a GPU; and no talk with anyone but the endpoint.
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
ARGS += ["--disable-background-networking", "--disable-component-update"]
CHOICE = "Which is a shoe?\n0. red boot\n1. lamp"
ANSWER = "**/v1/shop/answer"
TOUCHED = "button, summary, textarea, select, .choice label, input[type=password]"


@pytest.fixture(scope="module")
def browser(url: str) -> Iterator[Browser]:
    """After `url`: Playwright's event loop runs in this thread, where Ray starts without one."""
    expect.set_options(timeout=20_000)  # a CPU answers, maybe a busy one
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser, url: str) -> Iterator[Page]:
    """The page; whatever a test does, nothing leaves the origin and the console stays clean."""
    page = browser.new_page()
    page.set_default_timeout(20_000)
    asked: list[str] = []
    faults: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda m: faults.append(m.text) if m.type in ("error", "warning") else None)
    page.goto(url)
    yield page
    page.close()
    assert {address for address in asked if not address.startswith("data:")} <= {
        f"{url}/",
        f"{url}/v1/shop/answer",
    }
    # The browser's own note on a reply that the page then explains
    assert [fault for fault in faults if not fault.startswith("Failed to load resource")] == []


def ask(page: Page, prompt: str, kind: str = "The text decides") -> Locator:
    """Ask, wait for what comes and return the place where it stands."""
    page.get_by_label("Question", exact=True).fill(prompt)
    page.get_by_label(kind, exact=True).check()
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_role("button", name="Cancel")).to_be_hidden()
    return page.locator("#answer")


def facts(page: Page) -> dict[str, str]:
    names, values = page.locator("#answer dt"), page.locator("#answer dd")
    expect(names).to_have_count(4)
    return dict(zip(names.all_inner_texts(), values.all_inner_texts(), strict=True))


def options(page: Page) -> list[str]:
    """Return the options as they stand above their bars."""
    lines = page.locator("#answer .shares li")
    expect(lines).not_to_have_count(0)
    return [line.split("\n")[0] for line in lines.all_inner_texts()]


def focused(page: Page) -> str:
    return str(page.evaluate("(e => e.id || e.name || e.innerText)(document.activeElement)"))


def reply(**fields: object) -> Callable[[Route], None]:
    """Stand in for the endpoint where it would have to be broken for a test."""
    return lambda route: route.fulfill(status=200, body=json.dumps(fields))


def test_the_page_is_small_and_forbidden_to_load_anything(page: Page, url: str) -> None:
    served = page.request.get(url)
    assert served.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in served.headers["content-security-policy"]
    assert len(served.body()) < 24_000
    assert page.evaluate("document.documentElement.lang") == "en"


def test_a_question_is_asked_by_keyboard_alone(page: Page) -> None:
    page.keyboard.press("Tab")
    assert focused(page) == "question"
    page.keyboard.type(CHOICE)
    stops = []
    for _ in range(9):
        page.keyboard.press("Tab")
        stops.append(focused(page))
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    examples = ["Multiple choice", "Retrieval", "Ranking", "Named entities", "Generation"]
    assert stops == [*examples, "kind", "Options and labels", "send", "API key"]
    page.keyboard.press("Control+Enter")

    assert facts(page)["Form"] == "multiple-choice"
    assert facts(page)["Lane"] == "multiple-choice"
    assert re.fullmatch(r"[\d,]+ ms", facts(page)["Time"])
    assert options(page) == ["0. red boot", "1. lamp"]
    percents = page.locator("#answer .percent").all_inner_texts()
    shares = [float(percent.removesuffix(" %")) for percent in percents]
    assert sum(shares) == pytest.approx(100, abs=0.2)
    chosen = options(page)[shares.index(max(shares))]
    expect(page.locator("#answer .chosen")).to_contain_text(f"{chosen} (the answer)")
    expect(page.locator("#answer .given")).to_have_text(chosen.replace(".", ""))
    assert focused(page) == "API key"  # the answer is read out, the focus is not taken away
    expect(page.locator("#answer")).to_have_attribute("aria-live", "polite")


@pytest.mark.parametrize(
    ("example", "form"),
    [
        ("Multiple choice", "multiple-choice"),
        ("Retrieval", "retrieval"),
        ("Ranking", "ranking"),
        ("Named entities", "named_entity_recognition"),
        ("Generation", "generation"),
    ],
)
def test_an_example_of_each_form_is_known_by_its_text(page: Page, example: str, form: str) -> None:
    page.get_by_role("button", name=example, exact=True).click()
    page.keyboard.press("Control+Enter")
    assert facts(page)["Form"] == form
    if form in ("retrieval", "ranking"):  # the items that the numbers stand for
        numbers = page.locator("#answer .given").inner_text().split(",")
        items = page.locator("#answer .items li").all_inner_texts()
        assert [item.split(". ")[0] for item in items] == numbers
        box = page.get_by_label("Question", exact=True).input_value()
        assert all(item in box.split("\n") for item in items)


def test_the_person_may_say_what_kind_of_question_it_is(page: Page) -> None:
    ask(page, CHOICE, "Open-ended")
    assert (facts(page)["Form"], facts(page)["Lane"]) == ("generation", "open-ended")
    expect(page.locator("#answer .shares")).to_have_count(0)
    ask(page, "Is a boot a shoe?", "Multiple choice")
    assert facts(page)["Lane"] == "multiple-choice"


def test_a_rating_has_no_printed_options(page: Page) -> None:
    ask(page, "How satisfied is the customer, 1 to 5?\nReview: 1. it is fine 2. it came late")
    assert options(page) == list("12345")


@pytest.mark.parametrize(
    ("prompt", "kind", "texts"),
    [
        ("Which?\nA. boot\nB. lamp\nC. cup\nAnswer:", "Multiple choice", "A. boot|B. lamp|C. cup"),
        ("Which is a shoe? (A) boot (B) lamp", "The text decides", "A. boot|B. lamp"),
        (
            "Sizes:\n1. S\n2. M\nWhich?\n1) boot 2.5\n2) cup",
            "Multiple choice",
            "1. boot 2.5|2. cup",
        ),
    ],
)
def test_options_stand_with_their_printed_text(
    page: Page, prompt: str, kind: str, texts: str
) -> None:
    ask(page, prompt, kind)
    assert "|".join(options(page)) == texts


def test_the_answer_is_one_of_the_options_that_the_person_types(page: Page) -> None:
    page.get_by_text("Options and labels", exact=True).click()
    page.get_by_label("Options, one a line").fill("trousers\ntrack suit\n\nshoes")
    ask(page, "What is Runner 5?")
    assert facts(page)["Form"] == "classification"
    assert facts(page)["Because"] == "the question says what may be answered"
    assert options(page) == ["trousers", "track suit", "shoes"]
    assert page.locator("#answer .given").inner_text() in options(page)
    page.get_by_label("Labels, what is written").fill("A\nB\nC")
    ask(page, "What is Runner 5?")
    assert options(page) == ["A. trousers", "B. track suit", "C. shoes"]
    page.get_by_label("How many").select_option("2")
    ask(page, "What is Runner 5?")
    assert facts(page)["Form"] == "multi-label"
    assert set(page.locator("#answer .given").inner_text().split(", ")) < {"A", "B", "C"}
    page.get_by_label("In order, best first").check()
    page.get_by_label("How many").select_option("null")
    ask(page, "What is Runner 5?")
    assert facts(page)["Form"] == "ordering"
    assert sorted(page.locator("#answer .given").inner_text().split(", ")) == ["A", "B", "C"]
    page.get_by_label("Labels, what is written").fill("A")
    expect(ask(page, "What is Runner 5?")).to_contain_text("labels has 1 entries")
    page.get_by_role("button", name="Generation", exact=True).click()
    assert page.get_by_label("Options, one a line").input_value() == ""


def test_a_refused_question_shows_the_server_s_sentence(page: Page) -> None:
    answer = ask(page, "shoe " * 10_000)
    expect(answer).to_contain_text("The server refused the question:")
    expect(answer).to_contain_text("prompt has 50000 characters, the limit is")


def test_a_question_that_the_engine_cannot_take_shows_why(page: Page) -> None:
    expect(ask(page, "shoe " * 3000)).to_contain_text("more than engine.max_model_len=512")


def test_an_empty_question_is_not_sent(page: Page) -> None:
    page.get_by_role("button", name="Ask", exact=True).click()
    assert focused(page) == "question"
    expect(page.locator("#answer")).to_contain_text("Type a question")


def test_an_answer_that_was_not_found_stands_with_the_model_s_text(page: Page) -> None:
    text = "maybe <i>0</i>, maybe 1"
    page.route(ANSWER, reply(error="no answer in it", prediction=text, form="multiple-choice"))
    answer = ask(page, CHOICE)
    expect(answer).to_contain_text("No answer: no answer in it")
    expect(page.get_by_role("region", name="The model's own text")).to_have_text(text)


def test_html_is_shown_and_not_interpreted(page: Page) -> None:
    bad = '<img src="https://example.com/x" onerror="alert(1)"><script>alert(1)</script>'
    ask(page, f"Which is {bad}?\n0. {bad}\n1. lamp", "Multiple choice")
    expect(page.locator("#answer .shares li").first).to_contain_text(f"0. {bad}")
    page.route(
        ANSWER,
        reply(answer=bad, prediction=bad + "!", form=bad, lane=bad, confidences={bad: 1.0}),
    )
    answer = ask(page, bad)
    expect(answer.locator(".given")).to_have_text(bad)
    expect(answer.locator(".shares")).to_contain_text(bad)
    ask(page, "once more")  # the answer before is among the earlier ones now
    page.locator("#history summary").first.click()
    expect(page.locator("#history summary").first).to_contain_text(bad)
    expect(page.locator("img")).to_have_count(0)
    expect(page.locator("script")).to_have_count(1)


def test_an_api_key_is_asked_for_and_sent(page: Page) -> None:
    sent: list[str] = []

    def guarded(route: Route) -> None:
        sent.append(route.request.headers.get("authorization", ""))
        if sent[-1] == "Bearer right":
            route.continue_()
        else:
            route.fulfill(status=401, body='{"error": {"message": "no key"}}')

    page.route(ANSWER, guarded)
    answer = ask(page, CHOICE)
    expect(answer).to_contain_text("The server asks for an API key.")
    assert focused(page) == "key"
    expect(page.locator("#key")).to_have_attribute("type", "password")
    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    expect(answer).to_contain_text("does not accept this API key")
    page.locator("#key").fill("schlüssel")  # would fail in the browser before it is sent
    page.keyboard.press("Enter")
    expect(answer).to_contain_text("This is no API key.")
    page.locator("#key").fill("right")
    page.keyboard.press("Enter")
    assert facts(page)["Form"] == "multiple-choice"
    assert sent == ["", "Bearer wrong", "Bearer right"]
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


@pytest.mark.parametrize(
    ("status", "headers", "body", "said"),
    [
        (429, {"Retry-After": "7"}, "{}", "The server is busy. It asks to try again in 7 seconds."),
        (429, {}, "{}", "The server is busy. It asks to try again in a moment."),
        (504, {}, '{"error": {"message": "over 10 s"}}', "The answer took too long: over 10 s"),
        (503, {}, "draining", "The server failed (HTTP 503): draining"),
        (413, {}, '{"error": {"message": "2 MB"}}', "The server refused the question: 2 MB"),
        (200, {}, "<html>", "The server's reply is not understood: <html>"),
    ],
)
def test_failures_are_told_in_plain_words(
    page: Page, status: int, headers: dict[str, str], body: str, said: str
) -> None:
    page.route(ANSWER, lambda route: route.fulfill(status=status, headers=headers, body=body))
    expect(ask(page, CHOICE)).to_have_text(said)


def test_a_server_that_cannot_be_reached_is_told(page: Page) -> None:
    page.route(ANSWER, lambda route: route.abort())
    expect(ask(page, CHOICE)).to_contain_text("The server cannot be reached.")
    page.unroute(ANSWER)
    ask(page, CHOICE)
    assert facts(page)["Form"] == "multiple-choice"


def test_a_running_request_can_be_cancelled(page: Page) -> None:
    page.route(ANSWER, lambda _: None)  # never answered
    answer, cancel = page.locator("#answer"), page.get_by_role("button", name="Cancel")
    page.get_by_label("Question", exact=True).fill(CHOICE)
    page.keyboard.press("Control+Enter")
    expect(answer).to_have_text("Asking …")
    with page.expect_event("requestfailed"):
        page.keyboard.press("Escape")
    expect(answer).to_have_text("Cancelled.")
    assert focused(page) == "question"
    page.keyboard.press("Control+Enter")
    cancel.click()
    expect(answer).to_have_text("Cancelled.")
    expect(cancel).to_be_hidden()
    assert focused(page) == "send"  # the button that had the focus is gone


def test_earlier_questions_stay_on_the_page(page: Page) -> None:
    page.route(ANSWER, reply(answer="0", prediction="0", form="multiple-choice"))
    for number in range(11):
        ask(page, f"question {number}\n0. a\n1. b")
    earlier = page.locator("#history details")
    expect(earlier).to_have_count(8)
    expect(earlier.first.locator("summary")).to_contain_text("question 9")
    earlier.first.locator("summary").click()
    earlier.first.get_by_role("button").click()
    assert page.get_by_label("Question", exact=True).input_value() == "question 9\n0. a\n1. b"


@pytest.mark.parametrize("width", [360, 320])
def test_it_works_on_a_phone(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 640})
    page.get_by_text("API key", exact=True).click()
    ask(page, f"Which is a shoe?\n0. {'boot' * 40}\n1. lamp")
    ask(page, "x" * 300)
    page.locator("#history summary").click()
    expect(page.locator("#answer")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    boxes = {
        target.inner_text()[:30]: target.bounding_box()
        for target in page.locator(TOUCHED).all()
        if target.is_visible()
    }
    small = {
        name: box for name, box in boxes.items() if box and min(box["width"], box["height"]) < 44
    }
    assert len(boxes) > 10
    assert small == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_fault_with_it(page: Page, scheme: str) -> None:
    """Contrasts, labels, roles: the rules of WCAG that a program can check."""
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    ask(page, CHOICE)
    ask(page, CHOICE)
    page.locator("#history summary").click()
    page.get_by_text("API key", exact=True).click()
    page.get_by_text("Options and labels", exact=True).click()
    assert Axe().run(page).response["violations"] == []
    ask(page, "shoe " * 10_000)
    assert Axe().run(page).response["violations"] == []
    page.evaluate("document.activeElement.blur()")
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", background))) < 150) == (scheme == "dark")


def test_nothing_moves_for_who_wants_it_still(page: Page) -> None:
    bar = "getComputedStyle(document.getElementById('busy')).animationName"
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(bar) != "none"
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(bar) == "none"
