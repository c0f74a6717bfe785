from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import permutations
from uuid import UUID

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy import event as hook
from sqlalchemy.exc import DBAPIError

from backbone.contracts import EventLabelled, EventWithdrawn
from labelling import store
from labelling.commands import verify
from labelling.domain.criteria import VERSION
from labelling.domain.ruleset import ruleset
from labelling.log import faults
from labelling.settings import Settings
from labelling.store import cases, counts, decisions

LATER = datetime(2026, 3, 9, tzinfo=UTC)


@pytest.fixture
def kept(engine):
    """What is kept of the only event: its revision and label."""

    async def read():
        async with engine.connect() as tx:
            [row] = (await tx.execute(select(cases.c.revision, cases.c.label))).all()
        return tuple(row)

    return read


def amended(event, **changes):
    return event.model_copy(update={"revision": event.revision + 1, **changes})


def withdrawn(event, revision):
    about = {"event_id": event.event_id, "revision": revision, "sequence": revision, "edition": event.edition}
    return EventWithdrawn(**about, withdrawn_at=LATER)


async def test_an_event_in_order_is_labelled_at_once(hear, kept, an_event, submitted, judged):
    event = an_event()
    assert await hear(submitted(event)) == [("EventLabelled", json.loads(judged(event).model_dump_json()))]
    assert isinstance(judged(event), EventLabelled)
    assert await kept() == (1, "granted")


async def test_a_decision_says_who_took_it_by_which_rules_and_what_has_become_of_the_label(hear, an_event, submitted):
    event = an_event()
    [(_, first)] = await hear(submitted(event))
    [(_, second)] = await hear(submitted(amended(event, is_free=False)))
    told = ("label", "decided_by", "automated", "ruleset", "sequence", "edition")
    assert [tuple(fact[name] for name in told) for fact in (first, second)] == [
        ("granted", "rules", True, ruleset(), 1, "2026"),
        ("refused", "rules", True, ruleset(), 2, "2026"),
    ]
    assert (first["supersedes"], second["supersedes"]) == (None, first["decision_id"])
    assert {(verdict["rule"], verdict["rule_version"]) for verdict in first["verdicts"]} == {
        (name, VERSION) for name in ("dates", "public", "industry", "free")
    }


async def test_an_event_that_breaks_a_condition_is_rejected_at_once(hear, kept, an_event, submitted):
    [(kind, decision)] = await hear(submitted(an_event(is_free=False)))
    assert (kind, decision["decided_by"]) == ("EventRejected", "rules")
    assert await kept() == (1, "refused")


async def test_a_doubtful_event_waits_for_a_person(hear, kept, a_doubtful_event, submitted):
    [(kind, decision)] = await hear(submitted(a_doubtful_event()))
    assert (kind, decision["region"], decision["label"]) == ("ReviewRequested", "84", "under_review")
    assert await kept() == (1, "under_review")


async def test_a_revision_heard_twice_is_judged_once(hear, an_event, submitted):
    event = an_event()
    assert await hear(submitted(event), submitted(event)) == []


async def test_an_amendment_is_judged_again(hear, kept, an_event, submitted):
    event = an_event()
    [(kind, decision)] = await hear(submitted(event), submitted(amended(event, is_free=False)))
    assert (kind, decision["revision"]) == ("EventRejected", 2)
    assert await kept() == (2, "refused")


async def test_a_refused_event_that_is_mended_is_labelled(hear, kept, an_event, submitted):
    event = an_event(is_free=False)
    [(kind, decision)] = await hear(submitted(event), submitted(amended(event, is_free=True)))
    assert (kind, decision["revision"]) == ("EventLabelled", 2)
    assert await kept() == (2, "granted")


async def test_an_older_revision_changes_nothing(hear, kept, an_event, submitted):
    event = an_event()
    assert await hear(submitted(amended(event, is_free=False)), submitted(event)) == []
    assert await kept() == (2, "refused")


async def test_a_second_word_on_the_same_revision_is_judged(hear, kept, an_event, submitted):
    event = an_event()
    again = submitted(event.model_copy(update={"is_free": False})).model_copy(update={"sequence": 2})
    [(kind, decision)] = await hear(submitted(event), again)
    assert (kind, decision["revision"], decision["sequence"]) == ("EventRejected", 1, 2)
    assert await hear(submitted(event)) == []  # late


async def test_a_withdrawal_takes_the_label_away(hear, kept, an_event, submitted):
    event = an_event()
    [(kind, gone)] = await hear(submitted(event), withdrawn(event, 2))
    assert (kind, gone["revision"], gone["label"], gone["decided_by"]) == (
        "LabelWithdrawn",
        2,
        "withdrawn",
        "organiser",
    )
    assert gone["reason"] == {"code": "event-withdrawn", "message": "L’organisateur a retiré l’événement."}
    assert await kept() == (2, "withdrawn")


async def test_a_label_that_stands_while_its_amendment_is_under_review_goes_with_the_event_too(
    hear, kept, an_event, submitted
):
    event = an_event()
    doubtful = amended(event, admission="named_group")
    [(kind, _)] = await hear(submitted(event), submitted(doubtful), withdrawn(event, 3))
    assert kind == "LabelWithdrawn"
    assert await kept() == (3, "withdrawn")


async def test_a_withdrawal_of_an_event_without_a_label_tells_nothing(hear, kept, a_doubtful_event, submitted):
    event = a_doubtful_event()
    assert await hear(submitted(event), withdrawn(event, 2)) == []
    assert await kept() == (2, "withdrawn")


async def test_a_withdrawal_heard_first_keeps_older_revisions_from_the_label(hear, kept, an_event, submitted):
    event = an_event()
    assert await hear(withdrawn(event, 2), submitted(event)) == []
    assert await kept() == (2, "withdrawn")


async def test_an_event_submitted_again_after_its_withdrawal_is_judged(hear, kept, an_event, submitted):
    event = an_event()
    again = event.model_copy(update={"revision": 3})
    [(kind, decision)] = await hear(submitted(event), withdrawn(event, 2), submitted(again))
    assert (kind, decision["revision"]) == ("EventLabelled", 3)
    assert await kept() == (3, "granted")


async def test_the_newest_revision_decides_in_whatever_order_they_are_heard(hear, engine, an_event, submitted):
    for order in permutations(range(3)):
        first = an_event()
        revisions = [first, amended(first, is_free=False), first.model_copy(update={"revision": 3})]
        await hear(*(submitted(revisions[place]) for place in order))
        async with engine.connect() as tx:
            row = await tx.execute(select(cases.c.revision, cases.c.label).where(cases.c.event_id == first.event_id))
            assert tuple(row.one()) == (3, "granted")


async def test_of_an_edition_that_nobody_knows_a_person_judges_the_dates(hear, an_event, submitted):
    [(kind, decision)] = await hear(submitted(an_event(edition="2031")))
    assert kind == "ReviewRequested"
    assert decision["verdicts"][0]["code"] == "dates-edition-unknown"
    assert decision["verdicts"][0]["message"] == "Les dates de l’édition 2031 ne sont pas encore connues ici."


async def test_an_event_is_judged_by_its_own_edition(hear, an_event, submitted):
    then = [{"starts_at": "2020-11-17T09:00:00+01:00", "ends_at": "2020-11-17T12:00:00+01:00"}]
    [(kind, _)] = await hear(submitted(an_event(edition="2020", slots=then)))
    assert kind == "EventLabelled"
    [(kind, decision)] = await hear(submitted(an_event(edition="2026", slots=then)))
    assert (kind, decision["verdicts"][0]["code"]) == ("EventRejected", "dates-outside-window")


async def test_what_a_later_release_may_say_of_an_event_is_judged_as_far_as_it_is_known(hear, an_event, submitted):
    hybrid = an_event(
        title="Visite de la fonderie " + "et de l’usine " * 10,
        kind="hackathon",
        audiences=("robots",),
        status="teleported",
        accessibility=("zz",),
    ).model_copy(update={"online_url": "https://visio.example/fonderie"})
    [(kind, decision)] = await hear(submitted(hybrid))
    assert (kind, decision["event"]["status"]) == ("EventLabelled", "teleported")


async def test_events_are_counted_by_state(hear, engine, an_event, a_doubtful_event, submitted):
    gone = an_event()
    await hear(*map(submitted, [an_event(), an_event(), a_doubtful_event(), gone]), withdrawn(gone, 2))
    async with engine.connect() as tx:
        assert await counts(tx) == {"labelled": 2, "rejected": 0, "in_review": 1, "suspended": 0, "withdrawn": 1}


async def test_a_label_that_only_a_later_release_knows_is_counted_and_its_event_is_judged_again(
    hear, engine, an_event, submitted
):
    event = an_event()
    await hear(submitted(event))
    async with engine.begin() as tx:
        await tx.execute(update(cases).values(label="frozen"))
    async with engine.connect() as tx:
        assert (await counts(tx))["frozen"] == 1
    [(kind, _)] = await hear(submitted(amended(event)))
    assert kind == "EventLabelled"


# --- the log of decisions ------------------------------------------------------------------------


@pytest.fixture
def check(service, capsys):
    """What `labelling verify` says, and its exit code."""

    async def run():
        url = service.engine.url.render_as_string(hide_password=False)
        settings = Settings(
            database_url=url, kafka_bootstrap_servers="h:1", edition="none.toml", jwks_url="http://127.0.0.1:1/"
        )
        code = 0
        try:
            await verify(settings, [])
        except SystemExit as ended:
            code = ended.code
        said = capsys.readouterr().out.strip()
        assert code == (0 if "as they were told: " in said else 1)
        return said

    return run


async def test_every_decision_is_kept_each_with_the_hash_of_the_one_before(hear, engine, check, an_event, submitted):
    event = an_event()
    await hear(submitted(event), submitted(amended(event, is_free=False)), withdrawn(event, 3), submitted(an_event()))
    async with engine.connect() as tx:
        told = select(decisions).where(decisions.c.event_id == event.event_id).order_by(decisions.c.sequence)
        log = (await tx.execute(told)).all()
    assert [json.loads(row.fact)["label"] for row in log] == ["granted", "refused"]
    assert [row.previous for row in log] == ["", log[0].hash]
    assert await check() == "labelling: the decisions on 2 events are as they were told: 3 in all"


@pytest.mark.parametrize(
    ("crime", "said"),
    [
        ("UPDATE decisions SET fact = replace(fact, 'granted', 'refused') WHERE sequence = 1", "decision 1 is not as"),
        ("DELETE FROM decisions WHERE sequence = 1", "decision 1 is missing"),
        ("DELETE FROM decisions WHERE sequence = 2", "the log ends at decision 1, its case at 2"),
        ("DELETE FROM cases", "its case is missing"),
        (f"UPDATE decisions SET reviewer = '{UUID(int=9)}' WHERE sequence = 2", "decision 2 is not as"),
        (f"UPDATE decisions SET decision_id = '{UUID(int=9)}' WHERE sequence = 2", "decision 2 is not as"),
        ("UPDATE cases SET label = 'granted', granted = 2", "its case says something else"),
        ("UPDATE cases SET fact = jsonb_set(fact, '{label}', '\"granted\"')", "its case says something else"),
        (f"UPDATE cases SET reviewer = '{UUID(int=9)}'", "its case says something else"),
        (
            "UPDATE cases SET label = 'withdrawn', fact = NULL, sequence = 1",
            "the log ends at decision 2, its case at 1",
        ),
    ],
)
async def test_a_log_that_was_altered_is_found_out(crime, said, hear, engine, check, an_event, submitted):
    event = an_event()
    await hear(submitted(event), submitted(amended(event, is_free=False)))
    async with engine.begin() as tx:
        await tx.execute(text("ALTER TABLE decisions DISABLE TRIGGER ALL"))
        await tx.execute(text(crime))
    assert (await check()).startswith(f"labelling: {event.event_id}: {said}")


async def test_whoever_is_decided_on_while_the_log_is_read_is_not_taken_for_an_altered_one(
    hear, engine, an_event, submitted
):
    events = [an_event() for _ in range(3)]
    await hear(*map(submitted, events))
    async with engine.connect() as tx:
        walk = faults(tx)
        said = [await anext(walk)]
        await hear(*(submitted(amended(event, is_free=False)) for event in events), submitted(an_event()))
        said += [each async for each in walk]
    assert {event_id: what for event_id, _, what in said} == {event.event_id: None for event in events}


async def test_the_log_of_events_that_were_taken_back_or_brought_again_is_whole(
    hear, check, an_event, a_doubtful_event, submitted
):
    labelled, waiting, refused, again = an_event(), a_doubtful_event(), an_event(is_free=False), an_event()
    await hear(*map(submitted, (labelled, waiting, refused, again)))
    await hear(*(withdrawn(event, 2) for event in (labelled, waiting, refused, again, an_event())))
    await hear(submitted(again.model_copy(update={"revision": 3, "admission": "named_group"})))
    assert await check() == "labelling: the decisions on 5 events are as they were told: 7 in all"


async def test_whatever_is_missing_on_either_side_of_the_log_is_said_of_its_own_event_alone(
    hear, engine, check, an_event, submitted, monkeypatch
):
    monkeypatch.setattr(store, "AT_ONCE", 2)
    events = sorted((an_event() for _ in range(9)), key=lambda event: event.event_id)
    await hear(*map(submitted, events), *(submitted(amended(event, is_free=False)) for event in events[:5]))
    async with engine.begin() as tx:
        await tx.execute(text("ALTER TABLE decisions DISABLE TRIGGER ALL"))
        for place in (0, 4, 8):
            await tx.execute(delete(cases).where(cases.c.event_id == events[place].event_id))
        for place in (1, 7):
            await tx.execute(delete(decisions).where(decisions.c.event_id == events[place].event_id))
    gone = {0: "its case is missing", 4: "its case is missing", 8: "its case is missing"}
    ended = {1: "the log ends at decision 0, its case at 2", 7: "the log ends at decision 0, its case at 1"}
    said = dict(sorted((gone | ended).items()))
    assert await check() == "\n".join(f"labelling: {events[place].event_id}: {what}" for place, what in said.items())


async def test_a_decision_of_another_event_that_is_whole_in_itself_is_found_out(
    hear, engine, check, an_event, submitted
):
    one, other = an_event(), an_event()
    await hear(submitted(one), submitted(other))
    async with engine.begin() as tx:
        await tx.execute(text("ALTER TABLE decisions DISABLE TRIGGER ALL"))
        await tx.execute(delete(decisions).where(decisions.c.event_id == one.event_id))
        await tx.execute(update(decisions).values(event_id=one.event_id))
    assert f"labelling: {one.event_id}: decision 1 is not as it was told" in (await check()).splitlines()


async def test_a_log_of_many_events_takes_no_more_questions_than_one_of_few(hear, engine, an_event, submitted):
    async def questions():
        asked = []

        def note(*told):
            asked.append(told[2])

        hook.listen(engine.sync_engine, "before_cursor_execute", note)
        async with engine.connect() as tx:
            number = len([event_id async for event_id, _, _ in faults(tx)])
        hook.remove(engine.sync_engine, "before_cursor_execute", note)
        return number, len(asked)

    await hear(submitted(an_event()))
    few = await questions()
    await hear(*(submitted(an_event()) for _ in range(20)))
    assert (few, await questions()) == ((1, 3), (21, 3))


@pytest.mark.parametrize(
    "change", [update(decisions).values(fact="{}"), decisions.delete(), text("TRUNCATE decisions")]
)
async def test_the_database_itself_lets_nobody_alter_a_decision(change, hear, engine, an_event, submitted):
    await hear(submitted(an_event()))
    with pytest.raises(DBAPIError, match="decisions are only ever added"):
        async with engine.begin() as tx:
            await tx.execute(change)
