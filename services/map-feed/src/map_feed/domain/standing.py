"""How an event stands with the public: what all that was told of it comes to, in whatever order it was told.

What cannot be shown any more is not kept: the content of a refused or withdrawn event is gone with the next fact.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from backbone.contracts import DecisionFact, EventLocated, EventNotLocated, JudgedFact, Label, Mark


@dataclass(frozen=True)
class Standing:
    """What is kept of one event: the newest decision and, while visitors may see it, the event as it was granted; the
    newest withdrawal; the newest look-up of the place of each revision that may be shown, now or one day."""

    event_id: UUID
    decided_revision: int = 0
    decided_sequence: int = 0
    label: str | None = None
    withdrawn_revision: int = 0
    event: str | None = None  # JSON, as `locations`
    labelled_at: datetime | None = None
    # revision → sequence and location. Of every revision, not of the newest alone: a new address may be located days
    # before it is labelled, and until then visitors see the old event, with the old pin
    locations: str = "{}"
    traceparent: str | None = None
    """The trace in which it changed last, if that is recorded: a board goes on from it, perhaps elsewhere."""

    @property
    def decided(self) -> Mark:
        """How far labelling's story was heard."""
        return Mark(self.decided_revision, self.decided_sequence)

    def after_decision(self, fact: DecisionFact) -> Standing:
        """A granted label shows the event that it was granted to; a review changes nothing of what is shown; every
        other label, whether it is known here or not, shows nothing."""
        if fact.label == Label.UNDER_REVIEW or fact.mark <= self.decided:
            return self
        is_shown = fact.label == Label.GRANTED and fact.revision > self.withdrawn_revision
        event = fact.event if is_shown and isinstance(fact, JudgedFact) else None
        return replace(
            self,
            decided_revision=fact.revision,
            decided_sequence=fact.sequence,
            label=fact.label,
            event=event.model_dump_json() if event else None,
            labelled_at=fact.decided_at if event else None,
        )._without_the_past()

    def after_withdrawal(self, revision: int) -> Standing:
        """The organiser took back this revision and all before it."""
        if revision <= self.withdrawn_revision:
            return self
        standing = replace(self, withdrawn_revision=revision)._without_the_past()
        return replace(standing, event=None, labelled_at=None) if revision >= self.decided_revision else standing

    def after_look_up(self, fact: EventLocated | EventNotLocated) -> Standing:
        """The place of this revision was looked up, perhaps once more: the newest look-up counts."""
        locations = self._locations()
        known = locations.get(str(fact.revision))
        if self._is_past(fact.revision) or (known and fact.sequence <= known["sequence"]):
            return self
        location = fact.location.model_dump(mode="json") if isinstance(fact, EventLocated) else None
        found = {"sequence": fact.sequence, "location": location}
        return replace(self, locations=json.dumps({**locations, str(fact.revision): found}))

    def _is_past(self, revision: int) -> bool:
        return revision < self.decided_revision or revision <= self.withdrawn_revision

    def _without_the_past(self) -> Standing:
        locations = self._locations()
        kept = {number: found for number, found in locations.items() if not self._is_past(int(number))}
        return self if kept == locations else replace(self, locations=json.dumps(kept))

    def _locations(self) -> dict[str, Any]:
        known: dict[str, Any] = json.loads(self.locations)
        return known
