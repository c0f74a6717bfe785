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

from backbone.contracts import Evidence, Mark, PublicEvent, ReviewRequested, Verdict
from backbone.http.access import Caller, Signer
from backbone.postgres.database import jobs
from backbone.service.service import Service
from labelling.domain.case import entered
from labelling.domain.decision import region_of
from labelling.store import CASES
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


def doubts_about(event: PublicEvent, *conditions: str) -> tuple[Verdict, ...]:
    """What rules might find: these conditions in doubt on account of the description's first words, all others met."""
    said = {"dates": "Les dates", "public": "Le public", "industry": "L’industrie", "free": "La gratuité"}
    first = " ".join(event.description.split()[:2])
    place = Evidence(text=first, field="description", start=0, end=len(first))
    return tuple(
        Verdict(
            condition=condition,
            finding="doubtful" if condition in conditions else "met",
            code=f"{condition}-in-doubt" if condition in conditions else f"{condition}-met",
            message=f"{name} : à vérifier." if condition in conditions else f"{name} : c’est bon.",
            hint="Précisez qui peut venir." if condition in conditions else None,
            evidence=(place,) if condition in conditions else (),
            rule=condition,
            rule_version="1",
        )
        for condition, name in said.items()
    )


@pytest.fixture
def in_review(service: Service) -> Callable[..., Awaitable[None]]:
    """Has events wait for a person, whatever the rules of the day say of them: each of the conditions given is in
    doubt. A later revision of an event that waits is asked about anew."""

    async def ask(*events: PublicEvent, doubts: tuple[str, ...] = ("public",), **told: Any) -> None:
        desk = service.http.state.desk
        for event in events:
            key = str(event.event_id)
            async with service.engine.begin() as tx:
                [case] = (await CASES.load(tx, [key])).values()
                now = desk.clock.now()
                about = {"event_id": event.event_id, "revision": event.revision, "edition": event.edition}
                rest = {"event": event, "verdicts": doubts_about(event, *doubts), "ruleset": "test"}
                where = {"region": region_of(event), "due_at": now + timedelta(days=4)}
                label = {"label": "under_review", "decided_by": "rules"}
                asked = ReviewRequested(**about, **case.now.next_decision(now), **rest, **label, **where | told)
                heard = case.now.hearing(Mark(event.revision, event.revision))
                await CASES.save(tx, {key: case.after(*entered(heard, asked))})

    return ask


@pytest.fixture
def a_doubtful_event(an_event: Callable[..., PublicEvent]) -> Callable[..., PublicEvent]:
    """Makes an event to ask a person about."""
    return an_event


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
