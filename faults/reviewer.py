"""A reviewer who settles what waits for a person, and keeps at it until each word is acknowledged."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx

from backbone.campaign.geography import REVIEW_REGIONS
from backbone.testing.waiting import stretched

from .drafts import LABELLED, REJECTED
from .organiser import PATIENCE_SECONDS

if TYPE_CHECKING:
    from .platform import Platform

SENTENCE = "Dites en une phrase ce que les visiteurs verront de la fabrication."
NOBODY_KNOWS = "nobody knows"
"""A word of which no answer came before the organiser changed the text: whether it was taken cannot be seen here."""


class Reviewer:
    """One person of every committee, with an account of the ordinary kind."""

    def __init__(self, platform: Platform) -> None:
        self._platform, self._client = platform, platform.somebody_new()
        # of no organisation that posts events: nobody decides in their own cause
        self._client.who = replace(self._client.who, organisation="Comité des relectures")
        self.settled = 0

    async def sign_up(self) -> None:
        await self._client.sign_up()
        command = [
            self._platform.command_of("registration"),
            "grant",
            self._client.who.email,
            "reviewer",
            *REVIEW_REGIONS,
        ]
        environ = {**os.environ, **self._platform.settings_of("registration")}
        await asyncio.to_thread(subprocess.run, command, env=environ, check=True, capture_output=True)
        await self._client.sign_in()  # a token says what its owner was when it was made

    async def close(self) -> None:
        await self._client.http.aclose()

    async def waiting(self) -> int:
        """How much waits for a person, appeals included."""
        _, queue, _ = await self._ask("GET", "/v1/reviews?limit=1")
        total: int = queue["total"]
        return total

    async def settle(self, number: int, chance: random.Random) -> None:
        """Settles so many reviews, the label given or refused by chance."""
        began = time.monotonic()
        while self.settled < number:
            waited = time.monotonic() - began
            assert waited < stretched(PATIENCE_SECONDS), f"only {self.settled} reviews were there to settle"
            await self.settle_what_waits(chance, number - self.settled)
            await asyncio.sleep(0.1)

    async def settle_what_waits(self, chance: random.Random, most: int = 20) -> None:
        """Settles up to so many of those that wait now."""
        _, queue, _ = await self._ask("GET", "/v1/reviews?limit=20")
        already = self.settled
        for review in queue["items"]:
            if self.settled - already < most:
                await self._settle(review["event_id"], chance)

    async def _settle(self, event: str, chance: random.Random) -> None:
        status, review, _ = await self._ask("GET", f"/v1/reviews/{event}")
        if status != 200:
            return  # the organiser was faster, and took it back or mended it
        revision, label = review["revision"], chance.random() < 0.6
        word = {"revision": revision, "label": label, **({} if label else {"refused": {"industry": SENTENCE}})}
        status, _, was_answered_at_once = await self._ask("POST", f"/v1/reviews/{event}/decision", word)
        if status == 200 or (status == 404 and not was_answered_at_once):  # by then settled, by our own first try
            self._platform.words[event, revision] = LABELLED if label else REJECTED
            self.settled += 1
            self._platform.history.note("reviewed", event=event, revision=revision, label=label)
        elif not was_answered_at_once:
            self._platform.words[event, revision] = NOBODY_KNOWS

    async def decide(self, event: str, revision: int, **refused: str) -> None:
        """Gives the label, or refuses it for these conditions, each with its sentence; until that is acknowledged."""
        word = {"revision": revision, "label": not refused, **({"refused": refused} if refused else {})}
        status, answer, was_answered_at_once = await self._ask("POST", f"/v1/reviews/{event}/decision", word)
        assert status == 200 or (status == 404 and not was_answered_at_once), answer
        self._platform.words[event, revision] = REJECTED if refused else LABELLED
        self._platform.history.note("reviewed", event=event, revision=revision, label=not refused)

    async def _ask(
        self, method: str, path: str, body: dict[str, Any] | None = None
    ) -> tuple[int, dict[str, Any], bool]:
        """The status, the answer, and whether the first try had it: of a try that had none nobody knows what it did."""
        began, is_first, last = time.monotonic(), True, "nothing"
        while time.monotonic() - began < stretched(PATIENCE_SECONDS):
            url = f"{self._platform.replicas['labelling'][0].url}{path}"
            try:
                answer = await self._client.http.request(method, url, json=body, headers=self._client.authorisation)
            except httpx.TransportError as error:
                is_first, last = False, type(error).__name__
            else:
                if answer.is_success or answer.status_code in (404, 409):
                    return answer.status_code, answer.json(), is_first
                last = f"{answer.status_code} {answer.text}"
                assert answer.is_server_error or answer.status_code in (401, 429), f"{method} {path}: {last}"
                is_first = is_first and not answer.is_server_error
                if answer.status_code == 401:
                    await self._client.sign_in()
            await asyncio.sleep(0.2)
        raise AssertionError(f"{method} {path}: still {last} after {time.monotonic() - began:.0f} s")
