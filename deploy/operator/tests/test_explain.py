"""One command says why an event is or is not on the map, and why its organiser had a mail or none."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from backbone.contracts import (
    AppealReceived,
    Correction,
    CorrectionRequested,
    EventLabelled,
    EventNotLocated,
    EventRejected,
    EventSubmitted,
    EventWithdrawn,
    KitFailed,
    KitSent,
    Label,
    LabelWithdrawn,
    NoticeFailed,
    NoticeSent,
    Reason,
    ReviewRequested,
    Verdict,
)
from backbone.contracts.topics import HEARD, PARTITIONS
from backbone.runtime.waiting import close_for_good
from commskit.domain.notices import notice_id
from commskit.domain.standing import kit_id
from sdi.explaining import Story, Told, explain

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
EVENT = UUID(int=5)
MAP, MAIL, STANDS = "Is it on the map?", "Which mail left?", "Where does it stand?"
PRICE = Verdict(
    condition="free",
    finding="not_met",
    code="free-price-stated",
    message="Votre texte indique « entrée : 8 € ».",
    hint="Rendez-la gratuite pour tous.",
)
WHY = Reason(code="mail-refused", message="Votre messagerie a refusé notre courriel.")
KINDS = {
    "granted": EventLabelled,
    "refused": EventRejected,
    "under_review": ReviewRequested,
    "suspended": ReviewRequested,
}


@pytest.fixture
def submitted(an_event):
    def make(revision=1, **changes):
        event = an_event(event_id=EVENT, revision=revision, **changes)
        return EventSubmitted(
            event_id=EVENT, revision=revision, sequence=revision, edition="2026", event=event, submitted_at=NOON
        )

    return make


@pytest.fixture
def decided(an_event):
    def make(label, revision=1, sequence=1, kind=None, event=None, **changes):
        told = event or an_event(event_id=EVENT, revision=revision)
        about = {"event_id": EVENT, "revision": revision, "sequence": sequence, "edition": "2026", "event": told}
        said = {"decision_id": uuid4(), "label": label, "decided_by": "rules", "decided_at": NOON, "verdicts": (PRICE,)}
        more = {"region": "84", "due_at": NOON + timedelta(days=4), "reason": WHY}
        kind = kind or KINDS.get(label, LabelWithdrawn)
        return kind.model_validate({**about, **said, **more, **changes})

    return make


@pytest.fixture
def answers():
    """What is answered of these facts, all of which everybody has heard unless told otherwise."""

    def ask(*facts, behind=(), set_aside=None, today=date(2026, 6, 1), map_opens=date(2026, 2, 2)):
        told = [Told(fact, frozenset(behind), set_aside) for fact in facts]
        return explain(Story(EVENT, told, today, map_opens))

    return ask


def kit_sent(revision=1):
    about = {"event_id": EVENT, "revision": revision, "sequence": 1, "kit_id": kit_id(EVENT, revision)}
    return KitSent(**about, pieces=({"name": "affiche-a4.pdf"},), sent_at=NOON)


def notice(kind, decision, name, **said):
    about = {"event_id": EVENT, "revision": decision.revision, "sequence": 2, "notice": name}
    return kind(**about, notice_id=notice_id(decision, name), **said)


def test_a_labelled_event_is_on_the_map_and_its_kit_has_left(answers, submitted, decided, located, an_event):
    event = an_event(event_id=EVENT)
    told = answers(submitted(), decided("granted", verdicts=()), located(event), kit_sent())
    assert (told[STANDS].short, told[MAP].short, told[MAIL].short) == ("granted", "yes", "the kit of revision 1 left")
    assert told[MAP].lines == ("revision 1 has the label", "its pin is in Villeurbanne, by street")
    assert not any(answer.is_stuck for answer in told.values())


def test_a_refused_event_is_not_on_the_map_for_the_reasons_that_its_organiser_reads(answers, submitted, decided):
    refused = decided("refused")
    told = answers(submitted(), refused, notice(NoticeSent, refused, "not-labelled", sent_at=NOON))
    assert told[MAP].short == "no"
    assert told[STANDS].lines[1] == (
        "free not met: Votre texte indique « entrée : 8 € ». Rendez-la gratuite pour tous."
    )
    assert told[MAIL].short == "the mail « not-labelled » left"


@pytest.mark.parametrize(
    ("label", "changes", "stands", "why", "mail"),
    [
        ("refused", {}, "refused", "it has no label", "not-labelled"),
        ("refused", {"had_label": True}, "refused, and the label it had is gone", "it has no label", "label-withdrawn"),
        ("under_review", {}, "under review", "a person decides first", "under-review"),
        ("suspended", {}, "suspended", "its label is suspended", "label-suspended"),
        (
            "under_review",
            {"kind": CorrectionRequested, "correction": Correction(kind="incomplete", message="Dites l’heure.")},
            "under review, a correction was asked for",
            "a person decides first",
            "correction-asked",
        ),
        (
            "refused",
            {"kind": AppealReceived, "decided_by": "organiser"},
            "refused, and under appeal",
            "an appeal leaves the refusal standing",
            "appeal-received",
        ),
    ],
)
def test_each_state_without_a_label_is_explained_and_its_mail_is_under_way(
    answers, submitted, decided, label, changes, stands, why, mail
):
    told = answers(submitted(), decided(label, **changes))
    assert (told[STANDS].short, told[MAP].short) == (stands, "no")
    assert why in told[MAP].lines[0]
    assert told[MAIL].short == f"the mail « {mail} » is under way"


@pytest.mark.parametrize("label", [*Label, "a word of the years to come"])
def test_of_every_label_it_is_said_whether_it_is_on_the_map_and_which_mail_there_is(answers, submitted, decided, label):
    told = answers(submitted(), decided(label))
    for answer in told.values():
        assert answer.short
        assert all(answer.lines)


def test_an_event_that_its_organiser_took_back_says_so_and_that_they_are_not_written(answers, submitted, decided):
    gone = EventWithdrawn(event_id=EVENT, revision=2, sequence=2, withdrawn_at=NOON)
    by_themselves = decided("withdrawn", 2, 2, decided_by="organiser")
    told = answers(submitted(), decided("granted"), kit_sent(), gone, by_themselves)
    assert (told[STANDS].short, told[MAP].short) == ("taken back", "no")
    assert told[MAIL].lines == (
        "it was taken back: of what organisers do themselves they are not written",
        f"the kit of revision 1 left at {NOON.astimezone():%Y-%m-%d %H:%M}",
    )


def test_an_amendment_under_review_leaves_the_labelled_revision_on_the_map(answers, submitted, decided):
    told = answers(
        submitted(), decided("granted"), kit_sent(), submitted(2), decided("under_review", 2, 2, had_label=True)
    )
    assert told[MAP].short == "yes"
    assert "revision 2 is not decided: visitors still see revision 1" in told[MAP].lines


def test_before_the_map_opens_it_says_when_it_does(answers, submitted, decided):
    told = answers(submitted(), decided("granted"), today=date(2026, 1, 31))
    assert (told[MAP].short, told[MAP].lines) == (
        "not yet",
        ("it has the label; its edition's map opens on 2026-02-02",),
    )


def test_an_address_that_was_not_found_leaves_it_without_a_pin_and_says_why(answers, submitted, decided):
    reason = Reason(code="address-unknown", message="Nous n’avons pas trouvé cette adresse.")
    nowhere = EventNotLocated(event_id=EVENT, revision=1, sequence=1, reason=reason, looked_up_at=NOON)
    told = answers(submitted(), decided("granted"), nowhere)
    assert told[MAP].lines[1] == ("in the list without a pin, address-unknown: Nous n’avons pas trouvé cette adresse.")


def test_an_event_that_is_called_off_is_owed_no_kit(answers, submitted, decided, an_event):
    off = an_event(event_id=EVENT, status="cancelled")
    told = answers(submitted(), decided("granted", event=off))
    assert told[MAIL].lines == ("it has the label and does not take place: no kit is sent of it",)
    assert "it is shown as cancelled" in told[MAP].lines


@pytest.mark.parametrize(
    ("behind", "question", "short"),
    [
        (("labelling",), STANDS, "revision 1 is being judged"),
        (("map-feed",), MAP, "not yet"),
        (("commskit",), MAIL, "the kit of revision 1 is owed"),
    ],
)
def test_a_service_that_is_behind_is_named_with_what_to_look_at(answers, submitted, decided, behind, question, short):
    facts = (submitted(),) if question == STANDS else (submitted(), decided("granted"))
    told = answers(*facts, behind=behind)[question]
    assert (told.short, told.is_stuck) == (short, True)
    assert (
        f"{behind[0]} has not heard it yet: `sdi lag` says how far it is behind, /health/ready if it runs" in told.lines
    )


def test_a_message_that_was_set_aside_is_named_with_its_reason_and_what_to_do(answers, submitted):
    told = answers(submitted(), set_aside={"labelling": "the title is no text"})[STANDS]
    assert told.is_stuck
    assert told.lines == (
        "labelling set it aside: the title is no text. `sdi dead-letters list` has it; mend, then replay it",
    )


@pytest.mark.parametrize("is_kit", [True, False])
def test_a_mail_that_was_given_up_says_why_and_how_it_is_tried_again(answers, submitted, decided, is_kit):
    decision = decided("granted" if is_kit else "refused")
    about = {"event_id": EVENT, "revision": 1, "sequence": 1, "reason": WHY, "failed_at": NOON}
    failed = (
        KitFailed(**about) if is_kit else notice(NoticeFailed, decision, "not-labelled", reason=WHY, failed_at=NOON)
    )
    told = answers(submitted(), decision, failed)[MAIL]
    assert (told.short.endswith("was given up"), told.is_stuck) == (True, True)
    assert "mail-refused" in told.lines[0]
    assert told.lines[1] == "`commskit jobs` lists it; once its cause is mended, `commskit jobs retry ID`"
    sent = kit_sent() if is_kit else notice(NoticeSent, decision, "not-labelled", sent_at=NOON)
    assert answers(submitted(), decision, failed, sent)[MAIL].short.endswith("left")


def test_what_is_submitted_and_heard_and_not_yet_decided_is_said_so(answers, submitted):
    told = answers(submitted())
    assert told[STANDS].lines == ("labelling has heard it and told nothing yet: a moment, or look at its log",)
    assert (told[MAP].lines, told[MAIL].lines) == (
        ("nothing is decided on it yet",),
        ("nothing is decided: mails tell of decisions",),
    )


# On a real Kafka.


@pytest.fixture
def have_heard(kafka_bootstrap):
    """These services have heard all that the topics hold."""

    async def go(*services):
        for service in services:
            consumer = AIOKafkaConsumer(bootstrap_servers=kafka_bootstrap, group_id=service, enable_auto_commit=False)
            await consumer.start()
            partitions = [TopicPartition(topic.name, n) for topic in HEARD[service] for n in range(PARTITIONS)]
            consumer.assign(partitions)
            await consumer.commit(await consumer.end_offsets(partitions))
            await close_for_good("a consumer", consumer.stop())

    return go


async def test_the_command_reads_the_topics_the_groups_and_the_dead_letters(sdi, an_event, tell, have_heard):
    event = an_event()
    about = {"event_id": event.event_id, "revision": 1, "sequence": 1, "edition": "2026", "event": event}
    await tell(EventSubmitted(**about, submitted_at=NOON))
    said = {"decision_id": uuid4(), "label": "refused", "decided_by": "rules", "decided_at": NOON}
    await tell(EventRejected(**about, **said, verdicts=(PRICE,)))
    await have_heard("map-feed", "labelling", "registration", "geocoding")
    answer = await sdi("explain", event.event_id)
    assert (answer.exit_code, answer.errors) == (1, "")
    assert answer.text.splitlines()[:4] == [
        "Where does it stand? refused",
        f"  revision 1, decided by rules at {NOON.astimezone():%Y-%m-%d %H:%M}",
        "  free not met: Votre texte indique « entrée : 8 € ». Rendez-la gratuite pour tous.",
        "Is it on the map? no",
    ]
    assert "Which mail left? the mail « not-labelled » is owed" in answer.text
    assert "commskit has not heard it yet" in answer.text
    last = answer.text.splitlines()[-1]
    found = re.fullmatch(r"In the logs and the traces it is ([0-9a-f]{32}) and ([0-9a-f]{32})\.", last)
    assert found, last
    assert f"trace {found[1]}" in (await sdi("events", "show", event.event_id)).text

    await have_heard("commskit")
    answer = await sdi("explain", event.event_id, "--json")
    assert answer.exit_code == 0
    assert answer.json["Which mail left?"]["short"] == "the mail « not-labelled » is under way"


async def test_the_edition_says_when_the_map_opens(sdi, an_event, tell, have_heard, labelled):
    event = an_event()
    await tell(EventSubmitted(event_id=event.event_id, revision=1, edition="2026", event=event, submitted_at=NOON))
    await tell(labelled(event))
    await have_heard("map-feed", "commskit", "labelling")
    edition = Path(__file__).parents[3] / "editions" / "2026.toml"
    told = {"EDITION": str(edition), "NOW": "2026-01-15T12:00:00+01:00"}
    assert "Is it on the map? not yet" in (await sdi("explain", event.event_id, told=told)).text
    told["NOW"] = "2026-03-15T12:00:00+01:00"
    assert "Is it on the map? yes" in (await sdi("explain", event.event_id, told=told)).text


async def test_an_event_that_nobody_told_of_is_said_so(sdi):
    answer = await sdi("explain", uuid4())
    assert (answer.exit_code, answer.text) == (1, "")
    assert "is the number right, was it ever submitted?" in answer.errors
