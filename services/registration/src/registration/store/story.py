"""What is kept of the events that facts are about: where each stands, and the steps of its timeline."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from pydantic_core import from_json, to_json
from sqlalchemy import text

from backbone.contracts import Mark
from backbone.postgres.database import Tx

from ..domain.story import Story, state_of
from ..domain.timeline import Step

# whose organiser is erased, and of which nothing was known, are left out: what is told of them does nothing.
# In the order in which an erasure locks a person's events, so that the two wait for each other and never deadlock
_LOAD = text(
    "SELECT id, revision, state, sequence, edition, CAST(heard AS text), CAST(word AS text), CAST(pin AS text)"
    " FROM events"
    " WHERE id = ANY(CAST(:ids AS uuid[])) AND account_id IS NOT NULL ORDER BY id FOR UPDATE"
)

# of a revision that was taken over the text is gone: the draft counts as changed
_SAVE = text(
    "UPDATE events SET revision = new.revision, state = new.state, sequence = new.sequence, edition = new.edition,"
    " heard = CAST(new.heard AS jsonb), word = CAST(new.word AS jsonb), pin = CAST(new.pin AS jsonb),"
    " submitted_draft = CASE WHEN events.revision = new.revision THEN events.submitted_draft END"
    " FROM unnest(CAST(:ids AS uuid[]), CAST(:revisions AS int[]), CAST(:states AS text[]), CAST(:sequences AS int[]),"
    " CAST(:editions AS text[]), CAST(:heard AS text[]), CAST(:words AS text[]), CAST(:pins AS text[]))"
    " AS new (id, revision, state, sequence, edition, heard, word, pin) WHERE events.id = new.id"
)

_NOTE = text(
    "INSERT INTO timeline (event_id, kind, revision, sequence, at, text)"
    " SELECT event_id, kind, revision, sequence, at, text FROM unnest(CAST(:event_ids AS uuid[]),"
    " CAST(:kinds AS text[]), CAST(:revisions AS int[]), CAST(:sequences AS int[]), CAST(:ats AS timestamptz[]),"
    " CAST(:texts AS text[])) WITH ORDINALITY AS new (event_id, kind, revision, sequence, at, text, place)"
    " ORDER BY place ON CONFLICT DO NOTHING"
)


class Stories:
    """The stories of events, by their ids: of those that an organiser still has."""

    name = "events"

    async def load(self, tx: Tx, keys: Collection[str]) -> Mapping[str, Story]:
        rows = await tx.execute(_LOAD, {"ids": sorted(keys)})
        return {str(event_id): _story(event_id, *kept) for event_id, *kept in rows}

    async def save(self, tx: Tx, states: Mapping[str, Story]) -> None:
        stories = list(states.values())
        await note_steps(tx, [(story.event_id, step) for story in stories for step in story.steps])
        columns = {
            "ids": [story.event_id for story in stories],
            "revisions": [story.revision for story in stories],
            "states": [story.state for story in stories],
            "sequences": [story.sequence for story in stories],
            "editions": [story.edition for story in stories],
            "heard": [to_json(story.heard).decode() for story in stories],
            "words": [story.word for story in stories],
            "pins": [story.pin for story in stories],
        }
        await tx.execute(_SAVE, columns)


STORIES = Stories()


async def note_steps(tx: Tx, steps: Collection[tuple[UUID, Step]]) -> None:
    """Adds steps to the timelines of events; those that stand there are left as they are."""
    if not steps:
        return
    columns = {
        "event_ids": [event_id for event_id, _ in steps],
        "kinds": [step.kind for _, step in steps],
        "revisions": [step.revision for _, step in steps],
        "sequences": [step.sequence for _, step in steps],
        "ats": [step.at for _, step in steps],
        "texts": [step.text for _, step in steps],
    }
    await tx.execute(_NOTE, columns)


async def note_new_step(tx: Tx, event_id: UUID, step: Step) -> bool:
    """Adds a step to the timeline of an event; False if it stands there."""
    known = await tx.scalar(_HAS, {"id": event_id, **step.model_dump(include={"kind", "revision", "sequence"})})
    await note_steps(tx, [(event_id, step)])
    return not known


_HAS = text(
    "SELECT count(*) FROM timeline"
    " WHERE event_id = :id AND kind = :kind AND revision = :revision AND sequence = :sequence"
)


def _story(
    event_id: UUID,
    revision: int,
    state: str,
    sequence: int,
    edition: str,
    heard: str,
    word: str | None,
    pin: str | None,
) -> Story:
    marks = {writer: Mark(*mark) for writer, mark in from_json(heard).items()}
    return Story(event_id, revision, state_of(state), sequence, edition, marks, word, pin)
