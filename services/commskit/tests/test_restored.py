"""A database that was put back: a kit and a notice that have left since are not mailed again."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import select

from backbone.contracts import KitFailed, KitPiece, KitSent, NoticeSent, OrganiserErased, OrganiserRegistered, Reason
from backbone.postgres.database import jobs
from backbone.runtime.trace import current_trace
from backbone.service.folding import Happening, fold_all
from commskit.handlers import RECALL
from commskit.store import kits, notices

AT = datetime(2026, 9, 2, 8, tzinfo=UTC)
ORGANISER = UUID("7c1f0a51-90c2-4e59-8f3c-19f6d7a8b102")
INES = OrganiserRegistered(
    organiser_id=ORGANISER, name="Inès Payet", email="ines@fonderie.example", organisation="Fonderie de l’Erdre"
)


@pytest.fixture
def recall(engine):
    """Commskit takes back what it told, which lies among what it hears."""

    async def take_back(*facts):
        ways = {**RECALL.among, **RECALL.after[0]}
        for fact in facts:
            async with engine.begin() as tx:
                await fold_all(tx, [Happening(fact, fact.key, ways[type(fact)], current_trace())], desk=None)

    return take_back


@pytest.fixture
def work(open_service, engine):
    """Does all that is due, and says what became of it."""

    async def do():
        for worker in open_service().workers:
            await worker.run_due()
        async with engine.connect() as tx:
            return {(kind, state) for kind, state in await tx.execute(select(jobs.c.kind, jobs.c.state))}

    return do


@pytest.fixture
def kit_of(engine):
    async def look():
        async with engine.connect() as tx:
            return (await tx.execute(select(kits))).one()

    return look


def sent(decision, kit):
    about = {"event_id": decision.event_id, "revision": 1, "sequence": 1, "edition": "2026"}
    piece = KitPiece(name="affiche-a4.pdf", media_type="application/pdf", bytes=1, sha256="0" * 64)
    return KitSent(**about, kit_id=kit.id, pieces=(piece,), sent_at=AT)


async def test_a_kit_that_was_mailed_in_the_lost_hour_is_not_mailed_again(
    hear, recall, work, kit_of, mailer, labelled, told, states
):
    await hear(INES, labelled())
    for _ in range(2):  # begun anew after it was killed
        await recall(sent(labelled(), await kit_of()))
    assert await work() == {("kit", "done")}
    assert (mailer.sent, await states(), await told()) == ([], [(1, "accepted")], [])
    # what it tells next bears a number that nobody has heard
    await hear(labelled(2))
    assert ("kit", "done") in await work()
    assert len(mailer.sent) == 1
    assert [(fact["revision"], fact["sequence"]) for _, fact in await told()] == [(2, 2)]


async def test_a_notice_that_was_mailed_in_the_lost_hour_is_not_mailed_again(
    hear, recall, work, mailer, decided, told, engine
):
    refused = decided("refused")
    await hear(INES, refused)
    async with engine.connect() as tx:
        notice = (await tx.execute(select(notices))).one()
    about = {"event_id": refused.event_id, "revision": 1, "sequence": 1, "edition": "2026"}
    await recall(NoticeSent(**about, notice_id=notice.id, notice=notice.name, sent_at=AT))
    assert await work() == {("notice", "done")}
    assert (mailer.sent, await told()) == ([], [])


async def test_a_kit_that_failed_in_the_lost_hour_is_tried_once_more_unless_it_may_have_arrived(
    hear, recall, kit_of, labelled
):
    await hear(INES, labelled())
    about = {"event_id": labelled().event_id, "revision": 1, "edition": "2026", "failed_at": AT}
    refused, uncertain = (Reason(code=code, message="…") for code in ("mail-refused", "uncertain-twice"))
    await recall(KitFailed(**about, sequence=1, reason=refused))
    assert (await kit_of()).state == "pending"
    await recall(KitFailed(**about, sequence=2, reason=uncertain))
    assert ((await kit_of()).state, (await kit_of()).copies) == ("failed", 2)


async def test_of_whoever_was_erased_since_no_kit_is_kept_and_none_is_mailed(
    hear, recall, work, kit_of, mailer, labelled
):
    await hear(INES, OrganiserErased(organiser_id=ORGANISER), labelled())
    await recall(OrganiserErased(organiser_id=ORGANISER))
    await work()
    assert ((await kit_of()).event, mailer.sent) == (None, [])
