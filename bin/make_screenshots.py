"""Take a picture of every page at 1280 and 390 px, light and dark: `make screenshots` (var/screenshots/).

Starts the demo on a free port and a throw-away data folder, and lives through it in Chromium.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from playwright.sync_api import Browser, Page, expect

from tests.browser import people
from tests.flows.lives import answer_key
from tests.flows.story import SEEKER_AFTER, SITUATION, STORY, SUPPORTER_AFTER
from tests.support.chromium import open_chromium
from tests.support.proxy import FaultProxy
from tests.support.servers import Embedded

SIZES = ((1280, 860), (390, 844))
STUDY = "demo"
UNPRINTABLE = "\U0001fffe"
"""A character that the room refuses."""

HIDE = """() => {
  Object.defineProperty(document, "hidden", { value: true, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
SHOW = HIDE.replace("value: true", "value: false")
BROKEN_STUDY = "slug: broken\ntitle: 7\nlicence: CC-BY-4.0\ntimers:\n  idel: 20\n"


class Camera:
    """Takes each page in every size and theme, into numbered files that sort in the order of the walk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.taken = 0
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.png"):
            old.unlink()

    def take(self, page: Page, name: str, *, whole: bool = True) -> None:
        """Four pictures of what the window shows; `whole` takes the page to its end."""
        self.taken += 1
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            for theme in ("light", "dark"):
                page.emulate_media(color_scheme=theme, reduced_motion="reduce")
                path = self.folder / f"{self.taken:02}-{name}-{width}-{theme}.png"
                page.screenshot(path=path, full_page=whole, animations="disabled")
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": SIZES[0][0], "height": SIZES[0][1]})


def show_line(camera: Camera, proxy: FaultProxy, seeker: Page, supporter: Page) -> None:
    """The room in every state of its line and of what somebody says, from the seeker's side."""

    def take(name: str, state: str) -> None:
        expect(seeker.locator("[data-line]")).to_have_attribute("data-state", state, timeout=40_000)
        camera.take(seeker, f"line-{name}", whole=False)

    people.say(seeker, "Every evening I say yes to one more thing.", None)
    people.hear(supporter, "Every evening I say yes to one more thing.")
    people.say(supporter, "And what happens then?", "Question")
    people.hear(seeker, "And what happens then?")
    take("connected", "connected")
    supporter.evaluate(HIDE)
    expect(seeker.locator("[data-partner]")).to_have_attribute("data-status", "away")
    take("partner-away", "connected")
    supporter.evaluate(SHOW)
    expect(seeker.locator("[data-partner]")).to_have_attribute("data-status", "online")
    proxy.mute(1.0)
    people.say(seeker, "Then I lie awake and count what is left.", None)
    expect(seeker.locator(".bubble[data-state=sending]")).to_be_visible()
    take("sending", "connected")
    backends, proxy.backends = proxy.backends, []
    proxy.heal()
    seeker.get_by_label("Your message").fill("And in the morn")
    take("reconnecting", "waiting")
    seeker.context.set_offline(True)
    take("offline", "offline")
    seeker.context.set_offline(False)
    proxy.backends = backends
    proxy.block_sockets()
    expect(seeker.locator("[data-partner]")).to_have_attribute("data-status", "online", timeout=40_000)
    take("by-requests", "polling")
    proxy.heal()
    expect(seeker.locator("[data-line]")).to_have_attribute("data-state", "connected", timeout=40_000)
    people.say(seeker, f"In the morning it begins again.{UNPRINTABLE}", None)
    expect(seeker.locator(".bubble[data-state=failed]")).to_be_visible()
    take("not-sent", "connected")
    seeker.get_by_role("button", name="Remove").click()


class Walk:
    """The demo from every side: somebody new, a seeker, a supporter, staff."""

    def __init__(self, browser: Browser, proxy: FaultProxy, demo: dict[str, Any], camera: Camera) -> None:
        self.browser, self.proxy, self.demo, self.camera = browser, proxy, demo, camera
        self.staff = people.Window(browser, proxy.url).page
        self.seeker = people.Window(browser, proxy.url).page
        self.supporter = people.Window(browser, proxy.url).page

    def strangers(self) -> None:
        page = people.Window(self.browser, self.proxy.url).page
        for path, name in (
            ("/", "home"),
            (f"/s/{STUDY}/", "entry"),
            ("/resources/", "resources"),
            ("/consent/", "session-over"),
            ("/nowhere/", "not-found"),
            ("/join/not-an-invite/", "bad-invite"),
            ("/api/v1/docs/", "rest"),
            ("/desk/login/", "login"),
        ):
            page.goto(path)
            self.camera.take(page, name)
        page.goto(self.demo["links"]["seeker"])
        page.get_by_role("button", name="I do not want to take part").click()
        self.camera.take(page, "declined")

    def arrivals(self) -> None:
        self.seeker.goto(self.demo["links"]["seeker"])
        self.camera.take(self.seeker, "consent")
        self.seeker.get_by_role("button", name="Take part", exact=True).click()
        self.camera.take(self.seeker, "consent-errors")
        people.agree(self.seeker, self.demo["links"]["seeker"])
        self.camera.take(self.seeker, "survey-before")
        self.seeker.get_by_role("button", name="Go to the waiting room").click()
        self.camera.take(self.seeker, "survey-before-errors")
        people.tell_why(self.seeker, SITUATION)
        self.camera.take(self.seeker, "lobby")

    def training(self) -> None:
        page, key = self.supporter, answer_key()
        people.agree(page, self.demo["links"]["supporter"])
        self.camera.take(page, "training")
        page.locator("a.button-main").click()
        self.camera.take(page, "training-module")
        page.get_by_role("button", name="Check my answers").click()
        self.camera.take(page, "training-missing")
        for question in page.locator("fieldset.question").all():
            for number, place in enumerate(question.locator("select").all(), 1):
                place.select_option(index=number)
            if question.locator("label.choice").count():
                question.locator("label.choice").last.click()
        page.get_by_role("button", name="Check my answers").click()
        self.camera.take(page, "training-answers")
        page.goto("/training/")
        assert people.learn(page, key, on_exam=lambda: self.camera.take(page, "training-exam")) == 15
        page.goto("/training/")
        self.camera.take(page, "training-done")
        page.goto("/lobby/")

    def conversation(self) -> None:
        for page in (self.seeker, self.supporter):
            page.get_by_role("button", name="Begin waiting").click()
            if page is self.seeker:
                expect(page.locator("[data-panel=waiting]")).to_be_visible()
                self.camera.take(page, "lobby-waiting")
        self.camera.take(self.seeker, "lobby-offer")
        for page in (self.seeker, self.supporter):
            page.get_by_role("button", name="I am ready").click()
        for page in (self.seeker, self.supporter):
            people.in_room(page)
        self.camera.take(self.seeker, "chat-seeker-empty", whole=False)
        self.camera.take(self.supporter, "chat-supporter-empty", whole=False)
        show_line(self.camera, self.proxy, self.seeker, self.supporter)
        for role, strategy, text in STORY:
            people.say(self.seeker if role == "seeker" else self.supporter, text, strategy)
            for page in (self.seeker, self.supporter):
                people.hear(page, text)
            if role == "seeker" and text.startswith("Yes exactly"):
                self.camera.take(self.seeker, "chat-seeker-stars", whole=False)
            if role == "seeker":
                people.rate_if_asked(self.seeker, 5)
        self.camera.take(self.seeker, "chat-seeker", whole=False)
        self.supporter.locator('[data-strategy="Question"]').click()
        self.camera.take(self.supporter, "chat-supporter", whole=False)
        self.seeker.get_by_role("button", name="Help", exact=True).click()
        self.camera.take(self.seeker, "chat-help", whole=False)
        self.seeker.keyboard.press("Escape")
        self.staff.goto(f"/desk/live/?study={STUDY}")
        self.camera.take(self.staff, "desk-live")
        self.seeker.get_by_role("button", name="End").first.click()
        self.camera.take(self.seeker, "chat-end", whole=False)
        self.seeker.get_by_role("dialog").get_by_role("button", name="End the conversation").click()
        expect(self.supporter.get_by_text("The conversation has ended").first).to_be_visible()
        self.camera.take(self.supporter, "chat-ended", whole=False)

    def afterwards(self) -> None:
        for page, answers, name in (
            (self.seeker, SEEKER_AFTER, "seeker"),
            (self.supporter, SUPPORTER_AFTER, "supporter"),
        ):
            page.goto("/survey/after/")
            self.camera.take(page, f"survey-after-{name}")
            people.answer(page, answers)
            self.camera.take(page, f"done-{name}")
            page.goto("/me/")
            self.camera.take(page, f"me-{name}")
        self.seeker.goto("/me/withdraw/")
        self.camera.take(self.seeker, "withdraw")

    def relabelling(self) -> None:
        """A campaign from its form to the first opinion, and a known answer to give."""
        page = self.staff
        page.goto(f"/desk/relabel/?study={STUDY}")
        self.camera.take(page, "desk-relabel-empty")
        page.goto(f"/desk/relabel/new/?study={STUDY}")
        page.get_by_label("Title", exact=True).fill("First look")
        page.get_by_label("Utterances", exact=True).fill("20")
        self.camera.take(page, "desk-campaign-new")
        page.get_by_role("button", name="Draw and open").click()
        page.get_by_role("link", name="Give known answers").click()
        self.camera.take(page, "desk-known-answer")
        self.supporter.goto("/relabel/")
        self.camera.take(self.supporter, "relabel")
        self.supporter.get_by_role("button", name="Begin").click()
        self.camera.take(self.supporter, "relabel-task")
        for key in "6321":
            self.supporter.keyboard.press(key)
            with self.supporter.expect_navigation():
                self.supporter.keyboard.press("Enter")
        page.goto(f"/desk/relabel/?study={STUDY}")
        self.camera.take(page, "desk-relabel")
        page.get_by_role("link", name="First look").click()
        self.camera.take(page, "desk-campaign")

    def sign_in(self) -> None:
        self.staff.goto("/desk/")
        self.staff.locator("[name=username]").fill("admin")
        self.staff.locator("[name=password]").fill(self.demo["logins"]["admin"])
        self.staff.locator("main [type=submit]").click()

    def desk(self) -> None:
        page = self.staff
        for path, name in (
            ("/desk/", "desk"),
            ("/desk/review/", "desk-review"),
            ("/desk/review/?state=abandoned", "desk-review-empty"),
            ("/desk/participants/", "desk-participants"),
            ("/desk/participants/invites/", "desk-invites"),
            ("/desk/policies/", "desk-policies"),
            ("/desk/policies/esconv-2021/2/", "desk-policy"),
            ("/desk/policies/new/?from=esconv-2021", "desk-policy-new"),
            ("/desk/policies/new/?from=esconv-2021&as=yaml", "desk-policy-yaml"),
            (f"/desk/training/?study={STUDY}", "desk-training"),
            (f"/desk/training/?study={STUDY}&module=question", "desk-training-module"),
            ("/desk/releases/", "desk-releases"),
            ("/desk/releases/new/", "desk-release-new"),
            ("/desk/studies/", "desk-studies"),
            (f"/desk/studies/{STUDY}/", "desk-study"),
            (f"/desk/studies/{STUDY}/versions/1/", "desk-study-version"),
            ("/desk/studies/open/", "desk-study-open"),
            ("/admin/", "admin"),
        ):
            page.goto(f"{path}{'' if '?' in path or 'admin' in path else f'?study={STUDY}'}")
            self.camera.take(page, name)
        self._inner_pages(page)

    def _inner_pages(self, page: Page) -> None:
        for listing, link, name in (
            ("/desk/review/", "main a[href^='/desk/review/']:not([href*='?'])", "desk-conversation"),
            ("/desk/participants/", "main tbody a", "desk-participant"),
            ("/desk/releases/", "main tbody a", "desk-release"),
        ):
            page.goto(f"{listing}?study={STUDY}")
            page.locator(link).first.click()
            self.camera.take(page, name)
            if name == "desk-conversation":
                self._review(page)
        self._policies(page)
        page.goto("/desk/studies/open/")
        page.locator("textarea").fill(BROKEN_STUDY)
        page.locator("main [type=submit]").last.click()
        self.camera.take(page, "desk-study-errors")

    def _review(self, page: Page) -> None:
        """What a reviewer does by keyboard: the map, words to hide, a decision without a reason, an undo."""
        page.keyboard.press("?")
        self.camera.take(page, "desk-keys", whole=False)
        page.keyboard.press("Escape")
        page.keyboard.press("j")
        page.keyboard.press("h")
        expect(page.get_by_role("dialog", name="Hide words")).to_be_visible()
        page.keyboard.press("Space")
        self.camera.take(page, "desk-hide", whole=False)
        page.keyboard.press("Escape")
        page.keyboard.press("r")
        page.keyboard.press("Enter")
        expect(page.locator("[data-error-summary]")).to_be_focused()
        self.camera.take(page, "desk-conversation-errors")
        page.keyboard.press("r")
        page.keyboard.press("1")
        page.keyboard.press("Enter")
        expect(page.locator("[data-undo]")).to_be_visible()
        self.camera.take(page, "desk-undo", whole=False)

    def _policies(self, page: Page) -> None:
        """A draft that asks for more: its mistakes, and what it would change."""
        page.goto("/desk/policies/new/?from=esconv-2021")
        asked = page.get_by_role("group", name="enough utterances").get_by_label("Number")
        asked.fill("")
        page.get_by_role("button", name="Store as a new version").click()
        self.camera.take(page, "desk-policy-errors")
        asked.fill("20")
        page.get_by_label("Over which conversations").select_option(STUDY)
        page.get_by_role("button", name="Simulate").click()
        expect(page.get_by_text("would be judged otherwise")).to_be_visible(timeout=60_000)
        self.camera.take(page, "desk-simulation")


def main() -> None:
    camera = Camera(Path(sys.argv[1] if len(sys.argv) > 1 else "var/screenshots"))
    with tempfile.TemporaryDirectory(prefix="escollect-") as home, open_chromium() as browser:
        proxy = FaultProxy([])
        server = Embedded(Path(home), PUBLIC_URL=proxy.url)
        proxy.backends = [server.port]
        try:
            walk = Walk(browser, proxy, server.manage("demo_setup"), camera)
            walk.sign_in()
            walk.strangers()
            walk.arrivals()
            walk.training()
            walk.conversation()
            walk.afterwards()
            walk.relabelling()
            walk.desk()
        finally:
            server.stop()
            proxy.stop()
    print(f"{camera.taken * 4} pictures of {camera.taken} pages in {camera.folder}")


if __name__ == "__main__":
    main()
