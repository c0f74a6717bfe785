"""The log of decisions: whether it is whole."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import from_json
from sqlalchemy import text

from backbone.contracts import Label
from backbone.postgres.database import Tx

from . import store
from .domain.case import GENESIS, Case, Decision, hash_of

# a service that goes on deciding meanwhile is not taken for somebody who alters the log
_ONE_MOMENT = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


class Told(BaseModel):
    """What the text of a decision says of its place in the log. The rest of it is passed over, at a third of the cost
    of reading it."""

    model_config = ConfigDict(frozen=True)

    event_id: UUID
    sequence: int
    decision_id: UUID
    revision: int
    label: str


def fault(case: Case, decisions: Sequence[Decision]) -> str | None:
    """What is wrong with the story of an event; None if nothing was altered, removed or put in between."""
    previous, told = GENESIS, None
    for number, decision in enumerate(decisions, start=1):
        if decision.sequence != number:
            return f"decision {number} is missing"
        told = _as_told(decision, previous)
        if told is None:
            return f"decision {number} is not as it was told"
        previous = decision.hash
    if (len(decisions), previous) != (case.sequence, case.hash):
        return f"the log ends at decision {len(decisions)}, its case at {case.sequence}"
    if not (_stands_at(case, told, decisions[-1]) if told else _is_undecided(case)):
        return "its case says something else than its last decision"
    return None


def _as_told(decision: Decision, previous: str) -> Told | None:
    if (decision.previous, decision.hash) != (previous, hash_of(previous, decision.fact, decision.reviewer)):
        return None
    try:
        told = Told.model_validate_json(decision.fact)  # as it was hashed
    except ValidationError:
        return None
    about = (decision.event_id, decision.sequence, decision.decision_id)
    return told if about == (told.event_id, told.sequence, told.decision_id) else None


def _is_undecided(case: Case) -> bool:
    # an event that was taken back before anything was decided on it, or of which nothing was heard yet
    return (case.fact, case.granted) == (None, 0) and case.label in (None, Label.WITHDRAWN)


def _stands_at(case: Case, told: Told, last: Decision) -> bool:
    if case.label == Label.WITHDRAWN and told.label != Label.GRANTED:  # taken back: no decision says so
        return case.revision >= told.revision and case.fact is None and case.granted == 0
    if told.label == Label.WITHDRAWN:
        return (case.label, case.fact) == (told.label, None)
    stands = (case.label, case.revision, case.decision_id, case.reviewer)
    return stands == (told.label, told.revision, last.decision_id, last.reviewer) and (
        from_json(case.fact or "null") == from_json(last.fact)
    )


async def faults(tx: Tx) -> AsyncIterator[tuple[UUID, int, str | None]]:
    """Every event that was heard of, how many decisions the log has on it, and what is wrong with its story, all as of
    one moment: `tx` has asked nothing before."""
    await tx.execute(_ONE_MOMENT)
    async for event_id, case, decisions in store.logged(tx):
        yield event_id, len(decisions), fault(case, decisions) if case else "its case is missing"
