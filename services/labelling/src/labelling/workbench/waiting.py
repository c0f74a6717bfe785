"""An event on which a person is to decide, as the desk sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from backbone.contracts import (
    AppealReceived,
    Correction,
    CorrectionRequested,
    Finding,
    PublicEvent,
    Verdict,
)
from backbone.http.access import Caller
from backbone.http.paging import Place

from ..domain.decision import Open
from ..domain.independence import is_own_cause
from ..store import OPEN, cases
from .colleagues import ADMINISTRATOR
from .tables import claims


@dataclass(frozen=True)
class Waiting:
    """An event on which a person is to decide, or may once its organiser has corrected it."""

    asked: Open
    region: str
    due_at: datetime | None
    """By when a person must have decided; None while the organiser is asked for a correction."""
    changed_at: datetime
    """When it was asked."""
    sequence: int
    label: str
    overdue_in: str | None = None
    """The region that let it wait, and may still decide."""
    refused_by: UUID | None = None
    """Of an appeal, who refused: another person judges it."""
    claimed_by: UUID | None = None
    claimed_name: str = ""

    @property
    def event(self) -> PublicEvent:
        return self.asked.event

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        return self.asked.verdicts

    @property
    def is_appeal(self) -> bool:
        """Whether the organiser asks that a person judge again."""
        return isinstance(self.asked, AppealReceived)

    @property
    def correction(self) -> Correction | None:
        """What its organiser was asked to correct before a person decides."""
        return self.asked.correction if isinstance(self.asked, CorrectionRequested) else None

    @property
    def in_doubt(self) -> tuple[Verdict, ...]:
        """What is to be judged: what is in doubt; of a refusal that is appealed against, what was not met."""
        doubts = tuple(verdict for verdict in self.verdicts if verdict.finding == Finding.DOUBTFUL)
        return doubts or tuple(verdict for verdict in self.verdicts if verdict.finding != Finding.MET)

    def is_own_cause_of(self, caller: Caller) -> bool:
        """Whether it is their own organisation's."""
        return is_own_cause(self.event, caller.account_id, caller.organisation)

    def is_not_for(self, caller: Caller) -> bool:
        """Whether somebody else must decide: it is their own organisation's, or contests their own refusal."""
        return self.is_own_cause_of(caller) or (self.is_appeal and self.refused_by == caller.account_id)

    def is_kept_from(self, caller: Caller) -> bool:
        """Whether a colleague is at it. An administrator may step in."""
        return self.claimed_by not in (None, caller.account_id) and caller.role != ADMINISTRATOR

    @property
    def place(self) -> Place:
        return Place(self.due_at or self.changed_at, self.event.event_id)


COLUMNS = (
    *(cases.c.asks, cases.c.fact, cases.c.region, cases.c.due_at, cases.c.changed_at, cases.c.sequence, cases.c.label),
    *(cases.c.overdue_in, cases.c.reviewer),
    *(claims.c.account_id, claims.c.name),
)
"""Of the cases, joined with the claims on them."""


def read_waiting(row: Any) -> Waiting:
    """The event of a row of the COLUMNS."""
    asks, fact, region, due_at, changed_at, sequence, label, overdue_in, reviewer, claimed_by, claimed_name = row
    return Waiting(
        asked=OPEN[asks].model_validate(fact),
        region=region,
        due_at=due_at,
        changed_at=changed_at,
        sequence=sequence,
        label=label,
        overdue_in=overdue_in,
        refused_by=reviewer,
        claimed_by=claimed_by,
        claimed_name=claimed_name or "",
    )
