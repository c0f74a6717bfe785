"""Whether visitors see an event, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from backbone.contracts import (
    EventFact,
    EventLocated,
    EventNotLocated,
    EventSubmitted,
    EventWithdrawn,
    Label,
    PublicEvent,
    canary,
)

from .known import Answer, Story


def on_the_map(story: Story) -> Answer:
    """Whether visitors see it, and why."""
    stuck = tuple(line for fact in _of_the_map(story) for line in story.hindrances("map-feed", fact))
    if story.standing.event is None:
        return Answer("no", (_why_hidden(story), *stuck), is_stuck=bool(stuck))
    event = PublicEvent.model_validate_json(story.standing.event)
    if event.edition == canary.EDITION:
        shown_to_nobody = ("it is the canary, which is shown to nobody", *_pin(story, event), *stuck)
        return Answer("no", shown_to_nobody, is_stuck=bool(stuck))
    if story.map_opens and story.today < story.map_opens:
        return Answer(
            "not yet", (f"it has the label; its edition's map opens on {story.map_opens}", *stuck), bool(stuck)
        )
    lines = [f"revision {event.revision} has the label", *_as_what(event), *_pin(story, event)]
    if story.submitted and story.submitted.revision > event.revision:
        lines.append(
            f"revision {story.submitted.revision} is not decided: visitors still see revision {event.revision}"
        )
    return Answer("not yet" if stuck else "yes", (*lines, *stuck), is_stuck=bool(stuck))


def _of_the_map(story: Story) -> Iterable[EventFact]:
    facts = (story.decision, story.newest(EventWithdrawn), story.newest(EventLocated, EventNotLocated))
    return [fact for fact in facts if fact]


def _why_hidden(story: Story) -> str:
    if story.is_taken_back:
        return "it was taken back"
    if story.decision is None:
        return "nothing is decided on it yet"
    reasons = {
        Label.GRANTED: "the revision that has the label was taken back",
        Label.REFUSED: "it has no label; an appeal leaves the refusal standing until it is decided",
        Label.UNDER_REVIEW: "no revision of it has the label yet: a person decides first",
        Label.SUSPENDED: "its label is suspended until a person has decided",
        Label.WITHDRAWN: "its label was withdrawn",
    }
    unknown = f"its label is « {story.decision.label} », which this version does not know: that is no label"
    return reasons.get(Label(story.decision.label), unknown) if story.decision.label in [*Label] else unknown


def _as_what(event: PublicEvent) -> Iterator[str]:
    if not event.takes_place:
        yield f"it is shown as {event.status}"


def _pin(story: Story, event: PublicEvent) -> Iterator[str]:
    if event.venue is None:
        yield "it is online: it is in the list, and has no pin"
        return
    looked_up = [one.fact for one in story.told if isinstance(one.fact, EventLocated | EventNotLocated)]
    own = [fact for fact in looked_up if fact.revision == event.revision]
    newest = max(own, key=lambda fact: fact.mark, default=None)
    if isinstance(newest, EventLocated):
        place = newest.location
        yield f"its pin is in {place.commune_name}, by {place.precision}"
    elif isinstance(newest, EventNotLocated):
        yield f"in the list without a pin, {newest.reason.code}: {newest.reason.message}"
    else:
        submission = next((one.fact for one in story.told if _is_submission(one.fact, event.revision)), None)
        yield "in the list without a pin so far: geocoding has told nothing of this revision"
        yield from story.hindrances("geocoding", submission)
        yield "if it has heard it, `geocoding jobs` lists what it gave up"


def _is_submission(fact: EventFact, revision: int) -> bool:
    return isinstance(fact, EventSubmitted) and fact.revision == revision
