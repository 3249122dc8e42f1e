"""A lecture room with its presenter, followers and projector, each in a browser of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.settling import settle

API = "/api/v1"
TITLE = "CNN <img src=x onerror=alert(1)>"
# In every document, also one that keeps nothing, such as that of a new window.
REMEMBER = "try {{ localStorage.setItem('convscope.room.{code}', '{secret}') }} catch {{}}"

TEXTS = """() => {
    const spoken = ({ name }) => /^(aria-|data-|title|alt|max|min|value)/.test(name);
    const all = [...document.querySelectorAll("main, main *, dialog, dialog *")];
    const texts = all.flatMap((e) => [
        ...[...e.childNodes].filter(({ nodeType }) => nodeType === 3).map((node) => node.nodeValue),
        ...[...e.attributes].filter(spoken).map(({ value }) => value),
        e.value ?? "",
    ]);
    return texts.join("\\n");
}"""


class RoomPage:
    """One open page that is in a room."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        page.goto(address)
        self.wait_until_drawn()

    def wait_until_drawn(self) -> None:
        """The first run stands on the screen, and the room has been heard of."""
        self.page.wait_for_function("() => performance.getEntriesByName('run-drawn').length > 0")
        expect(self.page.locator("body[data-busy]")).to_have_count(0)

    @property
    def bar(self) -> Locator:
        """The line about the room."""
        return self.page.locator("cs-room-bar")

    @property
    def state(self) -> Locator:
        """«Following the lecture»."""
        return self.bar.get_by_role("status")

    @property
    def card(self) -> Locator:
        """The question."""
        return self.page.locator("cs-question-card")

    @property
    def result(self) -> Locator:
        """The number in the box, on both pages."""
        return self.page.locator("output.result:visible")

    def number(self) -> str:
        """What stands in the box when nothing is under way."""
        settle(self.page, "[data-busy], [data-stepping]")
        return self.result.inner_text()

    def does(self, intent: str) -> None:
        """Press a button of the bar."""
        self.bar.locator(f"[data-intent={intent}]").click()

    def ask(self, kind: str) -> None:
        """Ask as a presenter does, by the keyboard."""
        self.page.keyboard.press("q")
        menu = self.page.locator(".ask-menu")
        if menu.is_visible():
            menu.get_by_role("button", name=kind).click()

    def sends(self, *texts: str) -> None:
        """Answer the question."""
        fields = self.card.locator("input")
        expect(fields).to_have_count(len(texts))
        for field, text in zip(fields.all(), texts, strict=True):
            field.fill(text)
        self.card.get_by_role("button", name="Send").click()

    def bars(self) -> dict[str, int]:
        """The histogram."""
        rows = self.card.locator("cs-histogram li").evaluate_all(
            "(rows) => rows.map((row) => [row.children[0].innerText, Number(row.children[2].innerText)])"
        )
        return dict(rows)

    def tells(self) -> str:
        """All that the page says or could say: content, names, fields, what is spoken."""
        text: str = self.page.evaluate(TEXTS)
        return text + "\n" + self.page.locator("main").aria_snapshot()


class Hall:
    """A room, and the browsers in it."""

    def __init__(self, new_context: Callable[..., BrowserContext], title: str = TITLE) -> None:
        self._new_context = new_context
        self._lead = new_context()
        answer = self._lead.request.post(f"{API}/rooms", data={"title": title})
        assert answer.status == 201, answer.text()
        room: dict[str, Any] = answer.json()
        self.code: str = room["code"]
        self.secret: str = room["secret"]
        self._lead.add_init_script(REMEMBER.format(code=self.code, secret=self.secret))

    def address(self, path: str = "/operation", query: str = "", **also: str) -> str:
        """Of a page in this room."""
        parts = [query, f"room={self.code}", *(f"{name}={value}" for name, value in also.items())]
        return f"{path}?{'&'.join(part for part in parts if part)}"

    def lead(self, path: str = "/operation", query: str = "") -> RoomPage:
        """The presenter's page."""
        page = RoomPage(self._lead.new_page(), self.address(path, query, **{"as": "lead"}))
        expect(page.bar.locator(".room-lead")).to_be_visible()
        return page

    def screen(self) -> RoomPage:
        """The projector's window, in the presenter's browser."""
        return RoomPage(self._lead.new_page(), self.address(**{"as": "screen"}))

    def follow(self, path: str = "/operation", query: str = "", **context: Any) -> RoomPage:
        """Somebody in the hall."""
        page = RoomPage(self._new_context(**context).new_page(), self.address(path, query))
        expect(page.bar).to_have_attribute("data-mood", "quiet")
        return page

    def close(self) -> None:
        """End the lecture, as a script may."""
        headers = {"Authorization": f"Bearer {self.secret}"}
        answer = self._lead.request.delete(f"{API}/rooms/{self.code}", headers=headers)
        assert answer.status == 204, answer.text()
