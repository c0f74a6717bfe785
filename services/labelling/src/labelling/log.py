"""The command `labelling log`: goes through the log of decisions and says whether it is whole."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from backbone.contracts import Label
from backbone.postgres.database import Tx, open_database

from . import store
from .domain.case import GENESIS, Case, Decision, hash_of
from .settings import Settings

# a service that goes on deciding meanwhile is not taken for somebody who alters the log
_ONE_MOMENT = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def fault(case: Case, decisions: Sequence[Decision]) -> str | None:
    """What is wrong with the story of an event; None if nothing was altered, removed or put in between."""
    previous = GENESIS
    for number, decision in enumerate(decisions, start=1):
        if decision.sequence != number:
            return f"decision {number} is missing"
        if not _is_as_told(decision, previous):
            return f"decision {number} is not as it was told"
        previous = decision.hash
    if (len(decisions), previous) != (case.sequence, case.hash):
        return f"the log ends at decision {len(decisions)}, its case at {case.sequence}"
    if not _stands_at(case, decisions[-1] if decisions else None):
        return "its case says something else than its last decision"
    return None


def _is_as_told(decision: Decision, previous: str) -> bool:
    if (decision.previous, decision.hash) != (previous, hash_of(previous, decision.fact, decision.reviewer)):
        return False
    told = json.loads(decision.fact)  # as it was hashed
    about = (str(decision.event_id), decision.sequence, str(decision.decision_id))
    return about == (told["event_id"], told["sequence"], told["decision_id"])


def _stands_at(case: Case, last: Decision | None) -> bool:
    told: dict[str, Any] = json.loads(last.fact) if last else {"label": None, "revision": 0}
    if case.label == Label.WITHDRAWN and told["label"] != Label.GRANTED:  # taken back: no decision says so
        return case.revision >= told["revision"] and case.fact is None and case.granted == 0
    if last is None or told["label"] == Label.WITHDRAWN:
        return (case.label, case.fact) == (told["label"], None)
    stands = (case.label, case.revision, case.decision_id, case.reviewer)
    return stands == (told["label"], told["revision"], last.decision_id, last.reviewer) and (
        json.loads(case.fact or "null") == told
    )


async def faults(tx: Tx) -> AsyncIterator[tuple[UUID, str | None]]:
    """Every event that was heard of, and what is wrong with its story, all as of one moment: `tx` has asked nothing
    before."""
    await tx.execute(_ONE_MOMENT)
    async for case, decisions in store.logged(tx):
        yield case.event_id, fault(case, decisions)
    for event_id in await store.strangers(tx):
        yield event_id, "its case is missing"


async def check_log(settings: Settings, _: list[str]) -> None:
    """`labelling log`: exits with 1, and a line for each event whose story is not whole."""
    engine, number, wrong = open_database(settings.database_url.get_secret_value(), statement_seconds=None), 0, []
    try:
        async with engine.connect() as tx:
            async for event_id, what in faults(tx):
                number += 1
                wrong += [f"labelling: {event_id}: {what}"] if what else []
    finally:
        await engine.dispose()
    if wrong:
        raise SystemExit("\n".join(wrong))
    print(f"labelling: the decisions on {number} events are as they were told")  # noqa: T201 (the answer of a command)
