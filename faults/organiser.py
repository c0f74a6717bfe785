"""An organiser who posts and amends events, and keeps at it until each is acknowledged."""

from __future__ import annotations

import asyncio
import random
import re
import time
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx
import jwt

from backbone.http.session import COOKIE
from backbone.testing.authenticator import Authenticator
from backbone.testing.waiting import stretched, until
from local_stack.organisers import Organiser, transport_to
from local_stack.ports import HOST

from .drafts import Draft, Step, Work

if TYPE_CHECKING:
    from .platform import Platform

PATIENCE_SECONDS = 120.0
_TAG = re.compile(r"<[^>]+>")
_BODY = re.compile(r"<body\b[^>]*>")
NO_TOKEN = ("/v1/tokens", "/v1/tokens/refresh", "/v1/accounts/erasure")


def in_one_line(text: str) -> str:
    """The text with one plain space between two words."""
    return " ".join(text.split())


class Client:
    """One organiser's program. What it was told is done must be so for ever."""

    def __init__(self, who: Organiser, platform: Platform) -> None:
        self.who, self._platform, self._token = who, platform, ""
        self.story: dict[str, list[Step]] = {}
        self.looked_at: dict[str, int] = {}  # the revision up to which each history was read
        self.acknowledged: dict[str, int] = {}
        self.withdrawn: set[str] = set()
        self.http = httpx.AsyncClient(timeout=20.0, transport=transport_to(f"http://{HOST}"))
        self.id = ""
        self.app: Authenticator | None = None

    async def sign_up(self) -> None:
        who, mail = self.who, self._platform.mail
        account = {"email": who.email, "password": who.password, "name": who.name, "organisation": who.organisation}
        await self._ask("POST", "/v1/accounts", account)

        async def has_come() -> bool:
            return mail.token_for(who.email) is not None

        await until("the confirmation has come", has_come)
        await self._ask("POST", "/v1/accounts/confirmations", {"token": mail.token_for(who.email)})
        await self.sign_in()

    async def post_all(self, work: list[Work], pace: float) -> None:
        """Takes every step, the revisions of an event one after the other, those of different events mixed."""
        chance = random.Random(str([event for event, _ in work]))
        order = [event for event, steps in work for _ in steps]
        chance.shuffle(order)
        left = {event: list(steps) for event, steps in work}
        for event in order:
            await self._take(event, left[event].pop(0))
            await asyncio.sleep(pace * chance.uniform(0.5, 1.5))

    async def submit(self, event: str, draft: Draft, *, url: str) -> int:
        """Writes and submits a draft at this replica, whoever does the same at another; the revision it knows then."""
        written = await self._ask("PUT", f"/v1/events/{event}", draft.body, url=url)
        confirmed = [question["field"] for question in written.json()["questions"]]
        answer = await self._submit(event, confirmed, url=url)
        return int(answer.json()["revision"])

    async def _submit(self, event: str, confirmed: list[str], *, url: str | None = None) -> httpx.Response:
        """Submits the draft as it is written; of those that look like it, it is another."""
        path, said = f"/v1/events/{event}/submission", {"confirmed": confirmed}
        answer = await self._ask("POST", path, said, url=url, may_ask=True)
        while answer.status_code == httpx.codes.CONFLICT:  # another of the kind may have come meanwhile
            others = [one["token"] for one in answer.json()["resembles"]]
            answer = await self._ask("POST", path, {**said, "not_the_same": others}, url=url, may_ask=True)
        return answer

    def note_up_to(self, event: str, revision: int, draft: Draft) -> None:
        """These revisions are there, each a text such as this one."""
        for number in range(self.acknowledged.get(event, 0) + 1, revision + 1):
            self._note(event, number, draft)

    async def _take(self, event: str, step: Step) -> None:
        if step is None:
            answer = await self._ask("POST", f"/v1/events/{event}/withdrawal")
            self.withdrawn.add(event)
        else:
            written = await self._ask("PUT", f"/v1/events/{event}", step.body)
            confirmed = [question["field"] for question in written.json()["questions"]]
            answer = await self._submit(event, confirmed)
        revision = answer.json()["revision"]
        assert revision == self.acknowledged.get(event, 0) + 1, f"{event} was submitted more often than asked"
        self._note(event, revision, step)

    def _note(self, event: str, revision: int, step: Step) -> None:
        self.acknowledged[event] = revision
        self.story.setdefault(event, []).append(step)
        self._platform.history.ack(event, revision)

    async def ask_to_be_forgotten(self) -> None:
        """What is acknowledged is that every event is taken back, and that nothing is kept of the person."""
        await self._ask("POST", "/v1/accounts/erasure", self._credentials, done=(401,))  # done before: they are unknown
        for event in self.acknowledged.keys() - self.withdrawn:
            self._note(event, self.acknowledged[event] + 1, None)
        self.withdrawn |= self.acknowledged.keys()
        self._platform.history.note("forgotten", organiser=self.id)

    async def events(self) -> list[dict[str, Any]]:
        """All events as they are shown to their organiser, without their histories."""
        shown: list[dict[str, Any]] = []
        page = "/v1/events?limit=100"
        part = (await self._ask("GET", page)).json()
        shown += part["items"]
        while part["next"] is not None:
            part = (await self._ask("GET", f"{page}&cursor={quote(part['next'])}")).json()
            shown += part["items"]
        assert len(shown) == part["total"], "the list is longer, or shorter, than it says"
        return shown

    async def event(self, event: str) -> dict[str, Any]:
        """One event, with its history."""
        shown: dict[str, Any] = (await self._ask("GET", f"/v1/events/{event}")).json()
        return shown

    async def page(self, event: str) -> str:
        """The words of the event's own page, in one line, as a browser that is signed in has them."""
        url = f"{self._platform.replicas['registration'][0].url}/evenements/{event}"
        token = self.authorisation["Authorization"].removeprefix("Bearer ")
        answer = (await self.http.get(url, headers={"Cookie": f"{COOKIE}={token}"})).raise_for_status()
        return in_one_line(unescape(_TAG.sub(" ", _BODY.split(answer.text, 1)[1])))

    async def appeal(self, event: str) -> None:
        """Asks that a person judge the newest revision of an event again, until that is acknowledged."""
        url, asked = self._platform.replicas["labelling"][0].url, {"revision": self.acknowledged[event]}
        answer = await self._ask("POST", f"/v1/events/{event}/appeal", asked, done=(409,), url=url)
        assert answer.status_code == 202 or "recours-deja-recu" in answer.text, answer.text
        self._platform.history.note("appealed", event=event, revision=self.acknowledged[event])

    @property
    def authorisation(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}

    @property
    def _credentials(self) -> dict[str, str]:
        return {"email": self.who.email, "password": self.who.password}

    async def sign_in(self) -> None:
        answer = await self._show_credentials()
        while answer.is_error:  # a code whose answer was lost has served: the next one is shown
            answer = await self._show_credentials()
        token = answer.json()
        self._token = token["access_token"]
        if token.get("second_factor") == "required":  # of a release that knows one, and of somebody who must have it
            await self._set_second_factor(token["refresh_token"])
        self.id = str(jwt.decode(self._token, options={"verify_signature": False})["sub"])

    async def _show_credentials(self) -> httpx.Response:
        if self.app is None:
            return await self._ask("POST", "/v1/tokens", self._credentials)
        code = {"code": await self.app.next_code()}
        return await self._ask("POST", "/v1/tokens", self._credentials | code, done=(401,))

    async def _set_second_factor(self, refresh: str) -> None:
        password = {"password": self.who.password}
        setting = (await self._ask("POST", "/v1/second-factor", password)).json()
        app = Authenticator(setting["secret"])
        shown = {"ticket": setting["ticket"], "code": app.code()}
        await self._ask("POST", "/v1/second-factor/confirmation", shown, done=(409,))
        self.app = app
        self._token = (await self._ask("POST", "/v1/tokens/refresh", {"refresh_token": refresh})).json()["access_token"]

    async def _ask(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        done: tuple[int, ...] = (),
        *,
        url: str | None = None,
        may_ask: bool = False,
    ) -> httpx.Response:
        """The answer, once there is one that says yes or no (or, if it `may_ask`, names what looks like the event); a
        platform that is away is asked again, and may then answer with one of `done`: that what is asked was done the
        first time."""
        began, last = time.monotonic(), "nothing"
        while time.monotonic() - began < stretched(PATIENCE_SECONDS):
            door = url or self._platform.replicas["registration"][0].url
            try:
                answer = await self.http.request(method, f"{door}{path}", json=body, headers=self.authorisation)
            except httpx.TransportError as error:
                last = type(error).__name__
            else:
                is_asking = may_ask and answer.status_code == httpx.codes.CONFLICT and "resembles" in answer.json()
                if answer.is_success or is_asking or (last != "nothing" and answer.status_code in done):
                    return answer
                is_signed_out = answer.status_code == 401 and self._token and path not in NO_TOKEN
                last = f"{answer.status_code} {answer.text}"
                is_asked_back = answer.is_server_error or answer.status_code == 429
                assert is_signed_out or is_asked_back, f"{method} {path}: {last}"
                if is_signed_out:  # a token lives for 15 minutes, and these tests may take longer
                    await self.sign_in()
            self._platform.history.note("not acknowledged", path=path, why=last[:120])
            await asyncio.sleep(0.2)
        raise AssertionError(f"{method} {path}: still {last} after {PATIENCE_SECONDS:.0f} s")
