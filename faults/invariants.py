"""What must be so whatever happened: each a question to the world at rest that answers what is wrong, or nothing."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from backbone.contracts import REGISTRATION_ORGANISERS
from backbone.contracts.topics import HEARD
from backbone.kafka.publisher import Outgoing
from backbone.postgres.database import open_database
from backbone.service.listener import Ears, Listener, open_broker
from commskit.domain.mailing import MOST_COPIES
from commskit.letter import DOMAIN, NOTICES_DOMAIN
from commskit.store import KIT
from geocoding.handlers import LookUp
from labelling.domain.case import Case, Decision
from labelling.log import fault
from labelling.store import STATES
from map_feed.handlers import HEARS
from provision.databases import SERVICES

from .intruder import intrusions, telling_logs
from .log import Row
from .platform import Platform
from .poison import DEAD_LETTERS
from .public import due, what_is_wrong_outside
from .world import WRITTEN_BY, World, by_key, see, writer_of

Wrong = Iterator[str]
Rule = Callable[[World, Platform], Wrong]
DECISIONS = ("EventLabelled", "EventRejected", "ReviewRequested")
SHOWN = (
    *("EventSubmitted", "EventWithdrawn", *DECISIONS, "LabelWithdrawn"),
    *("CorrectionRequested", "AppealReceived"),
    *("EventLocated", "EventNotLocated", "KitSent", "KitFailed", "NoticeSent", "NoticeFailed"),
)
STATE = {
    "EventLabelled": "labelled",
    "EventRejected": "rejected",
    "ReviewRequested": "in_review",
    "EventWithdrawn": "withdrawn",
}
POLL = 40
_WORD = re.compile(r"\w+")
BOOKKEEPING = ("written_in", "traceparent", "changed_at", WRITTEN_BY)


async def hold(platform: Platform, *, lag_seconds: float = 60.0, but: Collection[Rule] = ()) -> World:
    """Waits until the platform is at rest, and fails with all that is wrong then; some rules (`but`) are not asked."""
    await platform.at_rest(lag_seconds)
    world = await see(platform)
    wrong = [f"{rule.__name__}: {what}" for rule in RULES if rule not in but for what in rule(world, platform)]
    wrong += [f"map_is_a_fold_of_the_topics: {what}" for what in await _fold_differs(world, platform)]
    wrong += [f"outside: {what}" async for what in what_is_wrong_outside(platform)]
    wrong += [f"nobody_does_what_is_not_granted: {what}" async for what in intrusions(platform)]
    wrong += [f"no_password_is_in_a_log: {what}" for what in telling_logs(platform)]
    platform.history.checked(len(world.rows) - platform.checked)
    platform.checked = len(world.rows)
    platform.history.note("invariants", wrong=wrong)
    assert not wrong, "\n".join(wrong[:20])
    return world


def every_committed_fact_is_told_and_no_other(world: World, platform: Platform) -> Wrong:
    committed = {str(row["id"]): row for row in world.outbox()}
    # what was told of people who were forgotten since is committed nowhere any more
    told = {id_: row for id_, row in world.told.items() if not _tells_of_the_forgotten(row, platform)}
    for id_ in committed.keys() - told.keys():
        yield f"{committed[id_]['type']} {id_} was committed and is on no topic"
    for id_ in told.keys() - committed.keys():
        yield f"{told[id_].header('ce_type')} {id_} is on a topic and was never committed"
    for id_ in committed.keys() & told.keys():
        row = committed[id_]
        if (row["aggregatetype"], row["aggregateid"].encode()) != (told[id_].topic, told[id_].key):
            yield f"{id_} is on another topic, or under another key, than was committed"


def _tells_of_the_forgotten(row: Row, platform: Platform) -> bool:
    people = {client.id.encode() for client in platform.forgotten}
    return row.topic == REGISTRATION_ORGANISERS.name and row.value is not None and row.key in people


def facts_of_a_key_are_first_told_in_the_order_of_commits(world: World, platform: Platform) -> Wrong:
    committed = sorted(world.outbox(), key=lambda row: row["seq"])
    rest = [row for row in world.told.values() if not _tells_of_the_forgotten(row, platform)]
    for (topic, key), rows in by_key(rest).items():
        if len({row.partition for row in rows}) > 1:
            yield f"{key!r} is on several partitions of {topic}"
        due = [str(r["id"]) for r in committed if r["aggregatetype"] == topic and r["aggregateid"].encode() == key]
        if [row.header("ce_id") for row in rows] != due:
            yield f"{key!r} on {topic} is not in the order in which {writer_of(rows[0])} committed"


def revisions_are_told_and_judged_in_order_and_none_is_missing(world: World, platform: Platform) -> Wrong:
    for types in (("EventSubmitted", "EventWithdrawn"), DECISIONS):
        groups = {key: rows for (_, key), rows in by_key(world.told_as(*types)).items()}
        for event, revision in platform.submitted.items():
            found = [_value(row)["revision"] for row in _first_words(groups.get(event.encode(), []))]
            last = revision - 1 if types is DECISIONS and event in platform.withdrawn else revision
            if found != list(range(1, last + 1)):
                yield f"{event} was acknowledged up to {revision}; {types[0]} and its like say {found}"
        for key in groups.keys() - {event.encode() for event in platform.submitted}:
            yield f"{key!r} was never acknowledged"


def _first_words(rows: list[Row]) -> list[Row]:
    """Without second words on a revision: what a person made of what waited for one, and what other rules do."""
    asked: set[int] = set()
    first: list[Row] = []
    for row in rows:
        revision = _value(row)["revision"]
        if revision not in asked and _value(row).get("decided_by") not in ("appeal", "rejudgement"):
            first.append(row)
        asked |= {revision} if _type(row) == "ReviewRequested" else set()
    return first


def every_reader_took_every_fact_and_nothing_else(world: World, _: Platform) -> Wrong:
    for service in SERVICES:
        # that none is taken twice its primary key sees to; that it acted once is seen in what it did
        taken = {row["message_id"] for row in world.tables[service]["inbox"]}
        heard = world.heard_by(service)
        if missing := heard - taken:
            yield f"{service} never took {len(missing)} facts, {min(missing)} among them"
        if strange := taken - heard:
            yield f"{service} took {len(strange)} messages that are no facts of its topics"


def an_event_taken_back_loses_its_label_and_no_other_does(world: World, platform: Platform) -> Wrong:
    # under review, what had its label keeps it: until it is taken back
    newest = {row.key: (_type(row), _value(row)["revision"]) for row in world.told_as("EventLabelled", "EventRejected")}
    due = {
        (event.encode(), platform.submitted[event])
        for event in platform.withdrawn
        if newest.get(event.encode(), ("", 0))[0] == "EventLabelled"
    }
    told = Counter((row.key, _value(row)["revision"]) for row in world.told_as("LabelWithdrawn"))
    if told != Counter(due):
        yield f"LabelWithdrawn is told {told.total()} times, and {len(due)} labelled events were taken back"


def all_that_was_submitted_is_decided(world: World, platform: Platform) -> Wrong:
    decided = _cases(world)
    told = {(r.key, _value(r)["revision"]): STATE[_type(r)] for r in world.told_as(*DECISIONS, "EventWithdrawn")}
    if len(decided) != len(platform.submitted):
        yield f"{len(platform.submitted)} events are submitted; {Counter(row['state'] for row in decided.values())}"
    for event, revision in platform.submitted.items():
        row = decided.get(event)
        if row and (row["revision"], row["state"]) != (revision, told.get((event.encode(), revision))):
            yield f"{event} is {row['state']} at revision {row['revision']}, and was submitted up to {revision}"


def _cases(world: World) -> dict[str, dict[str, Any]]:
    """Labelling's case of each event, its label by the name of the state that organisers read."""
    return {str(row["event_id"]): {**row, "state": STATES[row["label"]]} for row in world.tables["labelling"]["cases"]}


def no_decision_was_altered(world: World, _: Platform) -> Wrong:
    logged: dict[str, list[dict[str, Any]]] = {}
    for row in sorted(world.tables["labelling"]["decisions"], key=lambda row: row["sequence"]):
        logged.setdefault(str(row["event_id"]), []).append(row)
    for event, case in _cases(world).items():
        story = [Decision(**{f.name: row[f.name] for f in fields(Decision)}) for row in logged.pop(event, [])]
        if what := fault(Case(**{f.name: case[f.name] for f in fields(Case)}), story):
            yield f"the log of {event}: {what}"
    for event in logged:
        yield f"the log of {event} has no case"


def organisers_are_shown_each_step(world: World, platform: Platform) -> Wrong:
    shown = {(str(r["event_id"]), r["revision"], r["kind"]) for r in world.tables["registration"]["timeline"]}
    told = {((row.key or b"").decode(), _value(row)["revision"], _type(row)) for row in world.told_as(*SHOWN)}
    told = {step for step in told if step[0] not in platform.forgotten_events}  # nobody is left who could look at it
    for what in told ^ shown:
        yield f"the timeline and the topics differ about {what}"
    states = {event: row["state"] for event, row in _cases(world).items()}
    for row in world.tables["registration"]["events"]:
        if (row["revision"], row["state"]) != (platform.submitted.get(str(row["id"])), states.get(str(row["id"]))):
            yield f"{row['id']} is {row['state']} for its organiser, and {states.get(str(row['id']))} for labelling"


def every_venue_is_located_or_honestly_not(world: World, platform: Platform) -> Wrong:
    venues = {str(row["event_id"]): row for row in world.tables["geocoding"]["venues"]}
    told = Counter((row.key, _value(row)["revision"]) for row in world.told_as("EventLocated", "EventNotLocated"))
    for event, revision in platform.submitted.items():
        row = venues.get(event)
        if row is None or row["heard_revision"] != revision or row["state"] == "waiting":
            yield f"the venue of {event}, revision {revision}, is still open: {row}"
        elif told[event.encode(), revision] != (row["state"] not in ("online", "withdrawn")):
            yield f"{event} is {row['state']}, and that was told {told[event.encode(), revision]} times"
    if told and max(told.values()) > 1:
        yield "a venue was told twice"


def each_piece_of_work_has_its_job_which_has_ended(world: World, _: Platform) -> Wrong:
    submitted, labelled = world.told_as("EventSubmitted"), world.told_as("EventLabelled")
    venues = [_value(row) for row in submitted if _value(row)["event"]["venue"]]
    due = {("geocoding", LookUp.kind): {f"{one['event_id']}:{one['revision']}:{one['sequence']}" for one in venues}}
    made = {row["key"].partition(":")[0] for row in world.tables["commskit"]["jobs"] if row["kind"] == KIT}
    kits = {str(_kit_id(_value(row))) for row in labelled}
    if made - kits or kits - made - {str(kit_id) for kit_id in _may_have_none(world)}:
        yield f"commskit has jobs for {len(made)} of {len(kits)} kits"
    for (service, kind), keys in due.items():
        # a poor answer is asked for again, hours later
        of_kind = (row["key"] for row in world.tables[service]["jobs"] if row["kind"] == kind)
        jobs = {key for key in of_kind if ":again-" not in key}
        if jobs != keys:
            yield f"{service} has {len(jobs)} jobs for {len(keys)} pieces of work"
    for service in SERVICES:
        for row in world.tables[service]["jobs"]:
            # what is due in days (a person's time is over, a reminder) is nothing under way
            is_for_later = row["state"] == "waiting" and row["due_at"] > datetime.now(UTC) + timedelta(hours=1)
            if row["state"] not in ("done", "dead") and not is_for_later:
                yield f"the job {row['kind']} {row['key']} of {service} is {row['state']}"


def every_kit_is_mailed_once(world: World, _: Platform) -> Wrong:
    for row in world.tables["commskit"]["kits"]:
        name, moves = f"<{row['id'].hex}@{DOMAIN}>", _moves(world, row["id"])
        mails, accepted = world.mails[name], row["state"] == "accepted"
        # the mail of a kit of which it was known that it might have been sent may be sent once more
        if mails > (2 if "resending" in moves else 1) or (accepted and not mails):
            yield f"the kit {row['id']} ({moves}) was mailed {mails} times"
        if row["state"] == "failed" and name not in world.refused and "resending" not in moves:
            yield f"the kit {row['id']} failed though the mail server never refused it"
        if row["state"] not in ("accepted", "superseded", "failed"):
            yield f"the kit {row['id']} is still {row['state']}"


def kits_are_those_of_the_labelled_revisions(world: World, _: Platform) -> Wrong:
    labelled = {_kit_id(_value(row)) for row in world.told_as("EventLabelled")}
    states = {row["id"]: row["state"] for row in world.tables["commskit"]["kits"]}
    for kit_id in (labelled ^ states.keys()) - _may_have_none(world):
        yield f"the kit {kit_id} is of no labelled revision, or missing"
    for type_, state in (("KitSent", "accepted"), ("KitFailed", "failed")):
        told = Counter(_kit_id(_value(row)) for row in world.told_as(type_))
        if told != Counter(kit_id for kit_id, known in states.items() if known == state):
            yield f"{type_} was told of {sorted(map(str, told))}, not once of every kit that is {state}"
    for name in world.mails.keys() - {f"<{kit_id.hex}@{DOMAIN}>" for kit_id in labelled}:
        if f"@{DOMAIN}" in name:
            yield f"{name} is the mail of no kit"


def notices_are_mailed_once(world: World, _: Platform) -> Wrong:
    """A notice whose worker died may be mailed once more, under its own name; none is of nothing that was decided."""
    decided = {(row["event_id"], row["revision"], row["sequence"]) for row in map(_value, _decisions(world))}
    notices = world.tables["commskit"]["notices"]
    for row in notices:
        name = f"<{row['id'].hex}@{NOTICES_DOMAIN}>"
        if world.mails[name] > MOST_COPIES or (row["state"] == "accepted" and not world.mails[name]):
            yield f"the notice {row['id']} ({row['name']}, {row['state']}) was mailed {world.mails[name]} times"
        if row["state"] not in ("accepted", "superseded", "failed"):
            yield f"the notice {row['id']} is still {row['state']}"
        if (str(row["event_id"]), row["revision"], row["sequence"]) not in decided:
            yield f"the notice {row['id']} tells of no decision"
    for name in world.mails.keys() - {f"<{row['id'].hex}@{NOTICES_DOMAIN}>" for row in notices}:
        if f"@{NOTICES_DOMAIN}" in name:
            yield f"{name} is the mail of no notice"


def what_became_of_a_notice_is_told_once(world: World, _: Platform) -> Wrong:
    notices = world.tables["commskit"]["notices"]
    for type_, state in (("NoticeSent", "accepted"), ("NoticeFailed", "failed")):
        told = Counter(UUID(_value(row)["notice_id"]) for row in world.told_as(type_))
        if told != Counter(row["id"] for row in notices if row["state"] == state):
            yield f"{type_} was told of {sorted(map(str, told))}, not once of every notice that is {state}"


def _decisions(world: World) -> list[Row]:
    kinds = (*DECISIONS, "CorrectionRequested", "AppealReceived", "LabelWithdrawn")
    return world.told_as(*kinds)


def _may_have_none(world: World) -> set[UUID]:
    """Kits of revisions that are owed none if they are labelled after their organiser has taken the event back, which
    travels on another topic."""
    taken_back = [_value(row) for row in world.told_as("EventWithdrawn")]
    until = {value["event_id"]: value["revision"] for value in taken_back}
    labelled = [_value(row) for row in world.told_as("EventLabelled")]
    return {_kit_id(value) for value in labelled if until.get(value["event_id"], 0) > value["revision"]}


def a_mailed_kit_speaks_of_its_event_and_of_no_other(world: World, platform: Platform) -> Wrong:
    of_all = {step.word for story in platform.stories.values() for step in story if step}
    for event, story in platform.stories.items():
        own = {step.word for step in story if step}
        for revision, step in enumerate(story, start=1):
            text = world.texts.get(_mail_name(event, revision))
            if step is None or text is None:
                continue
            words = of_all & set(_WORD.findall(text))
            if step.word not in words or not words <= own:
                yield f"the kit of {event}, revision {revision} ({step.word}), speaks of {sorted(words)}"


def what_is_shown_was_mailed(world: World, platform: Platform) -> Wrong:
    """The kit of each event that the public sees has left, computed from what was acknowledged alone."""
    for event, story in platform.stories.items():
        at_last = due(event, story, platform.words)
        if at_last.shown is None or not at_last.is_certain or event in platform.forgotten_events:
            continue
        name = _mail_name(event, story.index(at_last.shown) + 1)
        may_be_missing = world.refused or any(_mail_name(*_event_of(row)) == name for row in world.told_as("KitFailed"))
        if not may_be_missing and name not in world.mails:
            yield f"{event} is shown, and its kit was never mailed"


def _mail_name(event: str, revision: int) -> str:
    return f"<{_kit_id({'event_id': event, 'revision': revision}).hex}@{DOMAIN}>"


def _event_of(row: Row) -> tuple[str, int]:
    return _value(row)["event_id"], _value(row)["revision"]


def _moves(world: World, kit_id: UUID) -> list[str]:
    return [move["state"] for move in world.tables["commskit"]["kit_moves"] if move["kit_id"] == kit_id]


def the_newest_label_has_its_kit(world: World, platform: Platform) -> Wrong:
    kits = {row["id"]: row["state"] for row in world.tables["commskit"]["kits"]}
    for row in _cases(world).values():
        kit_id = _kit_id(row)
        if row["state"] == "labelled" and kits.get(kit_id) not in ("accepted", "failed"):
            yield f"{row['event_id']} is labelled at {row['revision']}, and its kit is {kits.get(kit_id)}"


def dead_letters_hold_the_poison_and_nothing_else(world: World, platform: Platform) -> Wrong:
    due = {(service, *poison.place) for poison in platform.poison for service in poison.readers}
    found = Counter(
        (
            DEAD_LETTERS[row.topic],
            row.header("dlq.topic"),
            int(row.header("dlq.partition")),
            int(row.header("dlq.offset")),
        )
        for row in world.rows
        if row.topic in DEAD_LETTERS
    )
    for what in due - found.keys():
        yield f"not set aside: {what}"
    for what in found.keys() - due:
        yield f"set aside without being poison: {what}"
    if found and max(found.values()) > 1:
        yield f"set aside twice: {found.most_common(1)}"
    poison = {one.place: one.row for one in platform.poison}
    for row in world.rows:
        if row.topic in DEAD_LETTERS and not row.header("dlq.left_out"):
            place = (row.header("dlq.topic"), int(row.header("dlq.partition")), int(row.header("dlq.offset")))
            if place in poison and (row.key, row.value or b"") != (poison[place].key, poison[place].value or b""):
                yield f"{place} was set aside with other bytes"


RULES: tuple[Rule, ...] = (
    every_committed_fact_is_told_and_no_other,
    facts_of_a_key_are_first_told_in_the_order_of_commits,
    revisions_are_told_and_judged_in_order_and_none_is_missing,
    an_event_taken_back_loses_its_label_and_no_other_does,
    every_reader_took_every_fact_and_nothing_else,
    all_that_was_submitted_is_decided,
    no_decision_was_altered,
    organisers_are_shown_each_step,
    every_venue_is_located_or_honestly_not,
    each_piece_of_work_has_its_job_which_has_ended,
    every_kit_is_mailed_once,
    kits_are_those_of_the_labelled_revisions,
    notices_are_mailed_once,
    what_became_of_a_notice_is_told_once,
    a_mailed_kit_speaks_of_its_event_and_of_no_other,
    what_is_shown_was_mailed,
    the_newest_label_has_its_kit,
    dead_letters_hold_the_poison_and_nothing_else,
)


class _Nowhere:
    """A publisher for a listener that only folds: what it sets aside was set aside before."""

    async def start(self) -> None:
        return None

    async def publish(self, _: list[Outgoing]) -> None:
        return None

    async def stop(self) -> None:
        return None


async def _fold_differs(world: World, platform: Platform) -> list[str]:
    """What map-feed shows, against what its own handlers make of the topics in a database of their own."""
    async with platform.admin("map_feed_fold") as connection:
        await connection.execute("TRUNCATE events, inbox, outbox")
    engine = open_database(platform.fold_url)
    broker = open_broker("map-feed", platform.kafka.cluster("map-feed"))  # never started
    listener = Listener(Ears("map-feed", broker, _Nowhere()), engine, HEARS)
    heard = {topic.name for topic in HEARD["map-feed"]}
    rows = [row for row in world.rows if row.topic in heard]
    for place in range(0, len(rows), POLL):
        await listener.take(rows[place : place + POLL])
    await engine.dispose()
    async with platform.admin("map_feed_fold") as connection:
        folded = [dict(row) for row in await connection.fetch("SELECT * FROM events")]
    live = world.tables["map-feed"]["events"]
    if digest(folded) == digest(live):
        return []
    differ = {str(r["event_id"]) for r in live} ^ {str(r["event_id"]) for r in folded}
    return [f"{digest(live)} is not {digest(folded)} ({len(live)} rows, {len(folded)} folded; {sorted(differ)[:3]})"]


def digest(rows: list[dict[str, Any]]) -> str:
    """A hash of a table's rows without what merely says when, or by which transaction, each was written."""
    kept = [{name: value for name, value in row.items() if name not in BOOKKEEPING} for row in rows]
    lines = sorted(json.dumps(row, default=str, sort_keys=True) for row in kept)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def _kit_id(fact: dict[str, Any]) -> UUID:
    return uuid5(NAMESPACE_URL, f"kit:{fact['event_id']}:{fact['revision']}")


def _value(row: Any) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(row.value)
    return value


def _type(row: Any) -> str:
    return str(row.header("ce_type").rsplit(".", 1)[1])
