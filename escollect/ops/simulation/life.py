"""One simulated life: from the invite to the completion code, wherever the pages lead."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from escollect.domain.codes import Close
from escollect.domain.events import Role
from escollect.ops.simulation.actor import Actor
from escollect.ops.simulation.cast import Person
from escollect.ops.simulation.ledger import Ledger
from escollect.ops.simulation.lobby import Lobby
from escollect.ops.simulation.pace import Pace, PaceName
from escollect.ops.simulation.pages import Astray, Browser, Fields, Page, get_shown_path
from escollect.ops.simulation.personas import PERSONAS, Vanished
from escollect.ops.simulation.practice import practise
from escollect.ops.simulation.room import RoomOver, Seat
from escollect.ops.simulation.story import Grammar
from escollect.ops.simulation.tale import Tale, Trouble, choose_trouble, tell_tale

CONSENT = {"adult": "on", "take_part": "on", "recorded": "on", "release_public": "on"}
NEXT = "/next/"
PRACTICE = "/training/practice/"
DONE = "/done/"
MOST_PAGES = 100


@dataclass(frozen=True, slots=True)
class Means:
    """What every life of a crowd has in common; `key` has the right answers of the training."""

    invites: Mapping[Role, str]
    grammar: Grammar
    key: Mapping[str, tuple[str, ...]]
    pace: PaceName
    ledger: Ledger


class Life:
    """One person on their way through the funnel."""

    def __init__(self, person: Person, browser: Browser, means: Means) -> None:
        self.person, self.browser, self.means = person, browser, means
        self.persona = PERSONAS[person.persona]
        self.pace = Pace(means.pace, person.stream("pace"), self.persona.slowness)
        self.tale: Tale | None = None
        self.code = ""
        self._place: str | None = None
        self._steps: list[tuple[str, str, Callable[[Page], Awaitable[Page]]]] = [
            ("/consent/", "consent", self._consent),
            ("/training/", "training", self._train),
            ("/survey/before/", "survey", self._survey_before),
            ("/lobby/", "lobby", self._wait),
            ("/chat/", "chat", self._converse),
            ("/survey/after/", "survey", self._survey_after),
        ]

    async def live(self) -> str:
        """Live to the end; returns how it ended. Raises Astray when the way led somewhere strange."""
        try:
            page = await self.browser.get(self.means.invites[self.person.role])
            for _page in range(MOST_PAGES):
                if page.path == DONE and page.status == HTTPStatus.OK:
                    self.code = page.code or ""
                    return "done"
                page = await self._step(page)
            raise Astray(f"the pages do not end: {page.path}")
        except Vanished:
            return "vanished"
        finally:
            self._go(None)

    async def _step(self, page: Page) -> Page:
        if page.status >= HTTPStatus.BAD_REQUEST:
            raise Astray(f"{get_shown_path(page.url)} answered {page.status}")
        for prefix, place, act in self._steps:
            if page.path.startswith(prefix):
                self._go(place)
                return await act(page)
        raise Astray(f"an unexpected page: {page.path}")

    def _go(self, place: str | None) -> None:
        if place != self._place:
            self.means.ledger.move(self._place, place)
            self.browser.log.note("place", place=place)
            self._place = place

    async def _consent(self, page: Page) -> Page:
        await self.pace.rest(1.0, 3.0)
        return await self.browser.post(page, CONSENT)

    async def _train(self, page: Page) -> Page:
        """Answer the open quiz, or follow the overview to it; practise where the study asks for it."""
        if page.path == PRACTICE:
            return await self._practise(page)
        asked = [name for name in page.choices if name.startswith("q-")]
        if not asked:
            parts = [link for link in page.links if link.startswith("/training/") and link != "/training/"]
            if page.path != "/training/" or not parts:
                return await self.browser.get(NEXT)
            return await self.browser.get(parts[0])
        await self.pace.rest(2.0, 4.0)
        return await self.browser.post(page, {name: self._answer(name) for name in asked})

    async def _practise(self, page: Page) -> Page:
        room = await self.browser.post(page, {})
        if not room.path.startswith("/chat/"):
            raise Astray(f"the practice chat led to {room.path}")
        conversation = room.path.removeprefix("/chat/").strip("/")
        await practise(conversation, self.browser, self.pace, self.person.stream("practice"))
        return await self.browser.get(NEXT)

    def _answer(self, name: str) -> tuple[str, ...]:
        try:
            return self.means.key[name.removeprefix("q-")]
        except KeyError:
            raise Astray(f"the training asks what this program's tutorial does not know: {name}") from None

    async def _survey_before(self, page: Page) -> Page:
        rng = self.person.stream("trouble")
        trouble = choose_trouble(
            self.means.grammar,
            rng,
            page.choices.get("problem_type", ()),
            page.choices.get("emotion_type", ()),
        )
        self.tale = tell_tale(self.means.grammar, trouble)
        answers = {
            "experience_type": page.choices.get("experience_type", ["Current Experience"])[0],
            "emotion_type": trouble.emotion,
            "problem_type": trouble.problem,
            "initial_emotion_intensity": self.tale.initial,
            "situation": trouble.situation,
        }
        await self.pace.rest(2.0, 5.0)
        return await self.browser.post(page, self._fill(page, answers))

    async def _survey_after(self, page: Page) -> Page:
        await self.pace.rest(2.0, 4.0)
        return await self.browser.post(page, self._fill(page, self._get_tale().after[self.person.role]))

    def _fill(self, page: Page, answers: Mapping[str, str]) -> Fields:
        """Answers for every field of a form: those given, and something for a study's own questions."""
        rng = self.person.stream(page.path)
        own: dict[str, str] = dict.fromkeys(page.texts, "Nothing to add.")
        own |= {name: rng.choice(choices) for name, choices in page.choices.items()}
        return own | dict(answers)

    async def _wait(self, _page: Page) -> Page:
        lobby = Lobby(self.browser, self.means.ledger, self.person.stream("lobby"), self.pace)
        return await self.browser.get(await lobby.wait())

    def _learn_tale(self, page: Page) -> Tale:
        """The tale of this conversation; a supporter learns it from what the room tells of the seeker."""
        grammar = self.means.grammar
        if self.person.role is Role.SUPPORTER and page.facts:
            facts = [fact.strip() for fact in page.facts]
            problem = next((fact for fact in facts if fact in grammar.problems), "")
            emotion = next((fact for fact in facts if fact in grammar.common["feel"]), "")
            self.tale = tell_tale(grammar, Trouble(problem, emotion, max(facts, key=len)))
        return self._get_tale()

    def _get_tale(self) -> Tale:
        if self.tale is None:
            trouble = choose_trouble(self.means.grammar, self.person.stream("trouble"), (), ())
            self.tale = tell_tale(self.means.grammar, trouble)
        return self.tale

    async def _converse(self, page: Page) -> Page:
        conversation = page.path.removeprefix("/chat/").strip("/")
        rng = self.person.stream("room")
        self.browser.log.note("room", conversation=conversation)
        if self.persona.gives_up:
            self.means.ledger.room(conversation).given_up = True
        seat = Seat(conversation, self.person.role, self.browser, self.means.ledger, rng)
        actor = Actor(seat, self._learn_tale(page), self.pace, self.person.stream("acting"))
        stars = asyncio.create_task(actor.rate())
        try:
            await self.persona.play(actor)
        except RoomOver as over:
            if over.code != Close.OVER:
                raise Astray(f"the room's socket was closed with {over.code}") from None
        finally:
            stars.cancel()
            (rated,) = await asyncio.gather(stars, return_exceptions=True)
            await seat.leave()
        if isinstance(rated, Exception) and not isinstance(rated, RoomOver):
            raise rated
        return await self.browser.get(NEXT)
