"""An organiser's own program: what the people of the demonstration do, through the client of registration's API."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Any
from uuid import UUID

import httpx

from registration_client import Conflict, NotSignedIn, Registration
from registration_client.models import (
    AccountRequest,
    ConfirmationRequest,
    Credentials,
    EventDraft,
    EventView,
    Lookalike,
    Submission,
)

from .organisers import Letterbox, Organiser, transport_to

LATER = {
    httpx.codes.TOO_MANY_REQUESTS,
    httpx.codes.BAD_GATEWAY,
    httpx.codes.SERVICE_UNAVAILABLE,
    httpx.codes.GATEWAY_TIMEOUT,
}
WAIT_SECONDS = 0.5


class Patiently(httpx.AsyncBaseTransport):
    """Asks again, for as long as it takes, while registration is away or says that it is busy: each request may be made
    twice."""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self._transport = transport

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        while True:
            wait = WAIT_SECONDS
            try:
                answer = await self._transport.handle_async_request(request)
                if answer.status_code not in LATER:
                    return answer
                wait = float(answer.headers.get("Retry-After", wait))
                await answer.aclose()
            except httpx.TransportError:
                pass  # it is being started again
            await asyncio.sleep(wait)

    async def aclose(self) -> None:
        await self._transport.aclose()


def patient_client(url: str) -> httpx.AsyncClient:
    """How those who are played reach registration."""
    return httpx.AsyncClient(base_url=url, timeout=60.0, transport=Patiently(transport_to(url)))


class SignedIn(httpx.Auth):
    """Signs in when a token is first needed, and again when it has ended: it lives a quarter of an hour."""

    def __init__(self, http: httpx.AsyncClient, who: Organiser) -> None:
        self._door, self._who, self._token = Registration(http), who, ""

    async def renew(self) -> str:
        """A fresh token. Raises NotSignedIn where there is no such account yet."""
        credentials = Credentials(email=self._who.email, password=self._who.password)
        self._token = (await self._door.sign_in(credentials)).access_token
        return self._token

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        request.headers["Authorization"] = f"Bearer {self._token or await self.renew()}"
        answer = yield request
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            request.headers["Authorization"] = f"Bearer {await self.renew()}"
            yield request


class Program:
    """What one organiser does, and does again without harm. Raises Refused."""

    def __init__(self, http: httpx.AsyncClient, who: Organiser) -> None:
        self.who, self._auth = who, SignedIn(http, who)
        self.registration = Registration(http, self._auth)

    async def sign_up(self, letterbox: Letterbox) -> None:
        """Signs in; opens and confirms an account first where there is none yet."""
        who = self.who
        try:
            await self._auth.renew()
        except NotSignedIn:
            account = AccountRequest(
                email=who.email, password=who.password, name=who.name, organisation=who.organisation
            )
            await self.registration.open_account(account)
            token = await letterbox.token_for(who.email)
            await self.registration.confirm_address(ConfirmationRequest(token=token))
            await self._auth.renew()

    async def fresh_token(self) -> str:
        """An access token, good for a quarter of an hour."""
        return await self._auth.renew()

    async def events(self) -> list[EventView]:
        """Those of their organisation that are there already."""
        page = await self.registration.list_events(limit=100)
        found = page.items
        while page.next:
            page = await self.registration.list_events(limit=100, cursor=page.next)
            found += page.items
        return found

    async def post(self, event_id: UUID, draft: dict[str, Any]) -> None:
        """Writes a draft and submits it."""
        written = await self.registration.replace_event(event_id, EventDraft.model_validate(draft))
        await self.submit(written)

    async def submit(self, event: EventView) -> None:
        """Says yes to what is asked about it, and that it is another than those that look like it."""
        confirmed = [question.field for question in event.questions]
        try:
            await self.registration.submit_event(event.id, Submission(confirmed=confirmed))
        except Conflict as refused:
            others = _tokens(refused)
            await self.registration.submit_event(event.id, Submission(confirmed=confirmed, not_the_same=others))


def _tokens(refused: Conflict) -> Sequence[str] | Any:
    if "resembles" not in refused.more:
        raise refused
    return [Lookalike.model_validate(one).token for one in refused.more["resembles"]]
