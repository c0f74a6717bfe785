"""Reviewers at their pages: each with a session of their own, and events that wait for them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx import ASGITransport, AsyncClient, Response
from sqlalchemy import update

from backbone.contracts import PublicEvent
from backbone.http.access import Caller, Signer
from backbone.postgres.database import jobs
from backbone.service.service import Service
from labelling.workbench.tables import claims, held

ORIGIN = "http://127.0.0.1"
OURS = {"Sec-Fetch-Site": "same-origin"}


@dataclass
class Reviewer:
    """Somebody at the desk, whose browser follows nothing by itself."""

    client: AsyncClient
    caller: Caller
    headers: dict[str, str] = field(default_factory=lambda: dict(OURS))

    async def sees(self, path: str = "", **how: Any) -> Response:
        return await self.client.get(f"/relecture{path}", **how)

    async def sends(self, path: str, **form: Any) -> Response:
        return await self.client.post(f"/relecture{path}", data=form, headers=self.headers)

    async def labels(self, event: PublicEvent, **form: Any) -> Response:
        return await self.sends(f"/{event.event_id}/label", **({"revision": event.revision} | form))

    async def refuses(self, event: PublicEvent, sentence: str = "Ouvrez la visite au public.", **form: Any) -> Response:
        given = {"revision": event.revision, "refus_public": "1", "phrase_public": sentence}
        return await self.sends(f"/{event.event_id}/refus", **(given | form))


AtDesk = Callable[..., Reviewer]


@pytest.fixture
async def at_desk(service: Service, signer: Signer) -> AsyncIterator[AtDesk]:
    """Has somebody sit down at the desk: a reviewer of these regions, unless told otherwise."""
    async with AsyncExitStack() as open_:
        clients = [
            await open_.enter_async_context(AsyncClient(transport=ASGITransport(service.http), base_url=ORIGIN))
            for _ in range(4)
        ]

        def sit(
            *regions: str,
            role: str = "reviewer",
            name: str = "Camille Martin",
            organisation: str = "DREETS",
            account_id: UUID | None = None,
        ) -> Reviewer:
            caller = Caller(account_id or uuid4(), role, frozenset(regions), organisation, name)
            client = clients.pop()
            client.cookies.set("session", signer.sign(caller), domain="127.0.0.1")
            return Reviewer(client, caller)

        yield sit


@pytest.fixture
def in_review(hear: Any, submitted: Any) -> Callable[..., Awaitable[None]]:
    """Has events wait for a person."""

    async def submit(*events: PublicEvent) -> None:
        for event in events:
            assert [kind for kind, _ in await hear(submitted(event))] == ["ReviewRequested"]

    return submit


@pytest.fixture
def minute(service: Service) -> Callable[[], Awaitable[int]]:
    """Lets the minute pass in which a decision may be taken back, and tells what is held."""

    async def pass_by() -> int:
        async with service.engine.begin() as tx:
            await tx.execute(update(jobs).where(jobs.c.kind == "settle").values(due_at=jobs.c.created_at))
            await tx.execute(update(held).values(due_at=held.c.due_at - timedelta(minutes=1)))
        [settling] = [worker for worker in service.workers if worker.kind == "settle"]
        return await settling.run_due()

    return pass_by


@pytest.fixture
def claims_end(service: Service) -> Callable[[], Awaitable[None]]:
    """Lets the time pass for which an event was kept."""

    async def pass_by() -> None:
        async with service.engine.begin() as tx:
            await tx.execute(update(claims).values(until=claims.c.until - timedelta(hours=5)))

    return pass_by


@pytest.fixture
def told(service: Service, told_by: Any) -> Callable[[], Awaitable[Any]]:
    """What reviewers' words have told: all but what the rules did."""

    async def read() -> list[tuple[str, dict[str, Any]]]:
        return [(kind, fact) for kind, fact in await told_by(service.engine) if not fact["automated"]]

    return read
