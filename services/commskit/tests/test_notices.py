"""From a decision that is no label to a mail that tells it, once, with a mail server in memory and a real one."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from itertools import permutations
from uuid import UUID

import pytest
from aiosmtpd.smtp import SMTP
from sqlalchemy import select, text

from backbone.contracts import (
    AppealReceived,
    Correction,
    CorrectionRequested,
    EventWithdrawn,
    NoticeFailed,
    NoticeSent,
    OrganiserErased,
    OrganiserRegistered,
    ReviewRequested,
    Verdict,
)
from backbone.mail.mailers import MailDelayed, MailRefused, MailUncertain, MemoryMailer, open_mailer
from backbone.postgres.database import jobs
from backbone.service.dead_jobs import retry_jobs
from commskit.domain import Kit, piece_of
from commskit.store import notices
from commskit.works import ask_again

AT = datetime(2026, 8, 31, 8, tzinfo=UTC)
DUE = datetime(2026, 9, 4, 16, tzinfo=UTC)
ORGANISER = UUID("7c1f0a51-90c2-4e59-8f3c-19f6d7a8b102")
INES = OrganiserRegistered(
    organiser_id=ORGANISER, name="Inès Payet", email="ines@fonderie.example", organisation="Fonderie de l’Erdre"
)
PRICE = Verdict(
    condition="free",
    finding="not_met",
    code="free-price-stated",
    message="Votre texte indique « entrée : 8 € ».",
    hint="Si l'entrée est gratuite, corrigez-le ; sinon, rendez-la gratuite pour tous.",
    rule="free",
    rule_version="2",
)
GROUP = PRICE.model_copy(
    update={
        "condition": "public",
        "finding": "doubtful",
        "message": "L’événement s’adresse à un groupe désigné.",
        "hint": "Précisez qui peut venir.",
    }
)
CORRECTION = {
    "kind": CorrectionRequested,
    "decided_by": "review",
    "automated": False,
    "correction": Correction(kind="incomplete", message="Dites à quelle heure la visite commence."),
}
APPEAL = {"kind": AppealReceived, "decided_by": "organiser", "automated": False, "due_at": DUE}


class Printer:
    """Makes kits of one byte."""

    async def kit(self, *_):
        return Kit("kit.zip", (piece_of("qr.svg", b"k"),), b"k")

    async def close(self):
        return None


@pytest.fixture
def open_notifier(open_service):
    """Starts the worker that mails notices; each one stands for a process of its own."""

    def make(mailer):
        return open_service(mailer=mailer, renderers=Printer()).workers[2]

    return make


@pytest.fixture
def notifier(open_notifier, mailer):
    return open_notifier(mailer)


@pytest.fixture
def says(decided):
    """Labelling's word, with what a test wants of it."""

    def make(label, revision=1, sequence=None, **changes):
        known = {"verdicts": (PRICE,), "due_at": DUE, **changes}
        kind = known.pop("kind", None)
        event = {name: known.pop(name) for name in ("timezone", "organiser_id", "title", "event_id") if name in known}
        event |= known.pop("event", {})
        fact = decided(label, revision, sequence, **event, **({"kind": kind} if kind else {}))
        more = {name: value for name, value in known.items() if name in type(fact).model_fields}
        told = fact.model_dump(mode="json") | {"region": "52", "correction": {"kind": "x", "message": "y"}}
        return type(fact).model_validate({**told, **more})

    return make


@pytest.fixture
def names(engine):
    """Each notice and its state, in the order of the decisions."""

    async def read():
        async with engine.connect() as tx:
            asked = select(notices.c.name, notices.c.state).order_by(notices.c.revision, notices.c.sequence)
            return [tuple(row) for row in await tx.execute(asked)]

    return read


def words(message, kind="plain"):
    return message.get_body((kind,)).get_content()


async def test_a_refusal_is_explained_in_a_mail_with_how_to_mend_it_the_remedies_and_who_decided(
    hear, notifier, mailer, told, says, clock
):
    fact = says("refused")
    await hear(INES, fact)
    assert await notifier.run_due() == 1
    [message] = mailer.sent
    assert str(message["To"]) == "ines@fonderie.example"
    assert str(message["Subject"]) == (
        "Votre événement n’est pas labellisé en l’état : voici pourquoi, et comment y remédier"
    )
    for kind in ("plain", "html"):
        said = " ".join(words(message, kind).replace("&nbsp;", " ").replace("&#39;", "'").split())
        assert "Bonjour Inès Payet," in said
        assert "« Du métal en fusion à la pièce finie : visite de la fonderie »" in said
        assert "La gratuité." in said
        assert "Votre texte indique « entrée : 8 € »." in said
        assert "Si l’entrée est gratuite, corrigez-le ; sinon, rendez-la gratuite pour tous." in said
        assert "Corrigez votre événement jusqu’au 6 novembre 2026" in said
        assert "Cette décision a été prise par un traitement algorithmique, sans intervention humaine" in said
        assert "L. 311-3-1" in said
        assert "Demandez qu’une personne regarde votre événement" in said
        assert "dans les deux mois qui suivent la réception de cette décision" in said
        assert f"https://inscription.example/evenements/{fact.event_id}" in said
    [(kind, sent)] = await told()
    about = {"event_id": fact.event_id, "revision": 1, "sequence": 1, "edition": "2026"}
    notice_id = UUID(str(message["Message-ID"]).strip("<").split("@")[0])
    assert (kind, NoticeSent.model_validate(sent)) == (
        "NoticeSent",
        NoticeSent(**about, notice_id=notice_id, notice="not-labelled", sent_at=clock.at),
    )
    assert [trace for trace in ("ines", "Inès", "Payet") if trace in str(sent)] == []


async def test_a_doubt_is_told_with_what_happens_next_and_by_when_on_the_clock_of_the_place(
    hear, notifier, mailer, says
):
    await hear(INES, says("under_review", verdicts=(GROUP,), timezone="Indian/Reunion"))
    await notifier.run_due()
    [message] = mailer.sent
    due = "vendredi 4 septembre 2026 à 20 h (heure de La Réunion)"
    assert str(message["Subject"]).replace("\u00a0", " ") == (
        f"Une personne relit votre événement : réponse au plus tard le {due}"
    )
    said = " ".join(words(message).split())
    assert f"Vous aurez sa réponse au plus tard le {due}. Vous n’avez rien à faire d’ici là." in said
    assert "L’ouverture au public. L’événement s’adresse à un groupe désigné. → Précisez qui peut venir." in said
    assert "garde son label" not in said


async def test_while_an_amendment_is_under_review_the_label_is_said_to_be_kept(hear, notifier, mailer, says):
    await hear(INES, says("granted", 1), says("under_review", 2, verdicts=(GROUP,), had_label=True))
    await notifier.run_due()
    assert "Votre événement garde son label, et le public lit la version labellisée." in words(mailer.sent[0])


async def test_a_label_whose_doubt_the_rules_take_back_is_said_to_be_kept_and_of_no_person(
    hear, open_service, mailer, says
):
    postman, _, notifier = open_service(mailer=mailer, renderers=Printer()).workers
    rejudged = {"had_label": True, "decided_by": "rejudgement"}
    await hear(INES, says("granted", 1, 1))
    await postman.run_due()
    for sequence, label in ((2, "under_review"), (3, "granted")):
        await hear(says(label, 1, sequence, **rejudged))
        await notifier.run_due()
        await postman.run_due()
    assert str(mailer.sent[-1]["Subject"]) == "Votre événement garde le label"
    said = " ".join(words(mailer.sent[-1]).split())
    assert "il garde le label de la Semaine de l’industrie 2026, et personne n’a plus à le relire." in said
    assert "Une personne a relu" not in said
    assert len(mailer.sent) == 3


async def test_a_label_that_is_looked_at_once_more_is_said_to_be_kept_with_its_kit_and_so_is_the_answer(
    hear, open_service, mailer, says
):
    postman, _, notifier = open_service(mailer=mailer, renderers=Printer()).workers
    asked = {"verdicts": (GROUP,), "had_label": True, "decided_by": "rejudgement"}
    await hear(INES, says("granted", 1, 1))
    await postman.run_due()
    await hear(says("under_review", 1, 2, **asked))
    await notifier.run_due()
    said = " ".join(words(mailer.sent[-1]).split())
    assert "Depuis, les règles ou les dates de la campagne ont changé : une personne le relit." in said
    assert "votre événement garde son label et reste sur la carte, et votre kit de communication sert toujours." in said
    assert "Elle confirme le label, le retire en vous disant pourquoi, ou vous demande une correction" in said
    assert ("est bien déposé" in said, "un nouveau kit" in said) == (False, False)

    await hear(says("granted", 1, 3, decided_by="review", automated=False, had_label=True))
    await notifier.run_due()
    await postman.run_due()
    assert str(mailer.sent[-1]["Subject"]) == "Votre événement garde le label"
    said = " ".join(words(mailer.sent[-1]).split())
    assert "Il est resté sur la carte, et le kit de communication que vous avez reçu sert toujours." in said
    assert len(mailer.sent) == 3  # the kit came once


@pytest.mark.parametrize(
    ("story", "subjects"),
    [
        ([("refused", {"had_label": True})], ["Le label de votre événement est retiré"]),
        ([("suspended", {"kind": ReviewRequested})], ["Le label de votre événement est suspendu"]),
        ([("under_review", CORRECTION)], ["Votre événement : une correction vous est demandée"]),
        ([("suspended", CORRECTION)], ["Votre événement : une correction vous est demandée"]),
        (
            [("refused", {}), ("refused", APPEAL), ("granted", {"decided_by": "appeal"})],
            ["Votre événement n’est pas", "Votre demande est reçue", "Votre demande a abouti"],
        ),
        (
            [("refused", {}), ("refused", APPEAL), ("refused", {"decided_by": "appeal", "automated": False})],
            ["Votre événement n’est pas", "Votre demande est reçue", "Votre demande est examinée : le refus est"],
        ),
        ([("granted", {})], []),
        ([("granted", {}), ("withdrawn", {"decided_by": "organiser"})], []),
        ([("granted", {}), ("withdrawn", {"decided_by": "rejudgement"})], ["Le label de votre événement est retiré"]),
        ([("a word of the years to come", {})], []),
    ],
)
async def test_each_decision_is_told_in_its_own_mail(hear, notifier, mailer, says, story, subjects):
    await hear(INES)
    for sequence, (label, changes) in enumerate(story, start=1):
        await hear(says(label, 1, sequence, **changes))
        await notifier.run_due()
    told = [str(message["Subject"]) for message in mailer.sent]
    assert len(told) == len(subjects)
    for subject, begins in zip(told, subjects, strict=True):
        assert subject.startswith(begins)


async def test_a_correction_tells_the_persons_own_sentence_and_that_nothing_is_refused(hear, notifier, mailer, says):
    await hear(INES, says("under_review", **CORRECTION))
    await notifier.run_due()
    said = " ".join(words(mailer.sent[0]).split())
    assert "a besoin de vous avant de décider. Il y manque une information. Dites à quelle heure la visite" in said
    assert "Rien n’est refusé. Le délai de réponse est arrêté, et reprend avec votre correction." in said


async def test_what_a_person_refused_says_that_a_person_did_and_after_an_appeal_no_second_one_is_offered(
    hear, notifier, mailer, says
):
    by_a_person = {"decided_by": "appeal", "automated": False}
    for sequence, changes in enumerate(({}, APPEAL, by_a_person), start=1):
        await hear(INES, says("refused", 1, sequence, **changes))
        await notifier.run_due()
    first, _, last = (" ".join(words(message).split()) for message in mailer.sent)
    assert "Cette décision a été prise par une personne, qui n’avait pas pris part au refus contesté." in last
    assert ("Demandez qu’une personne regarde votre événement" in first, "Demandez qu’une personne" in last) == (
        True,
        False,
    )
    assert "saisir le tribunal administratif" in last


async def test_a_label_that_goes_without_its_text_is_told_by_the_kit_that_it_brought(hear, notifier, mailer, says):
    reason = {"code": "rules-changed", "message": "Les dates de la campagne ont changé."}
    await hear(INES, says("granted"), says("withdrawn", 1, 2, decided_by="rejudgement", reason=reason))
    await notifier.run_due()
    said = words(mailer.sent[0])
    assert "« Du métal en fusion à la pièce finie : visite de la fonderie » n’a plus le label" in said
    assert "Les dates de la campagne ont changé." in said


CALLED_OFF = {"status": "cancelled", "status_note": "La préfecture ferme les sites."}


@pytest.mark.parametrize(
    ("label", "changes"),
    [
        ("refused", {}),
        ("refused", {"decided_by": "review", "automated": False}),
        ("under_review", {}),
        ("refused", APPEAL),
        ("under_review", CORRECTION),
    ],
)
async def test_who_waits_or_was_refused_is_not_written_once_more_since_their_event_is_called_off_and_on_again(
    hear, notifier, mailer, says, label, changes
):
    await hear(INES, says(label, 1, 1, **changes))
    await notifier.run_due()
    for revision, news in ((2, CALLED_OFF), (3, {})):
        await hear(says(label, revision, revision, **changes, event=news))
        await notifier.run_due()
    assert len(mailer.sent) == 1
    await hear(says(label, 4, 4, **changes, event={"title": "La fonderie, autrement"}))  # a word of its organiser's
    await notifier.run_due()
    assert len(mailer.sent) == 2


async def test_an_appeal_is_answered_as_one_though_the_event_was_called_off_meanwhile(hear, notifier, mailer, says):
    by_a_person = {"decided_by": "appeal", "automated": False}
    appealed = ("refused", APPEAL)
    for sequence, (label, changes, revision, news) in enumerate(
        [
            ("refused", {}, 1, {}),
            (*appealed, 1, {}),
            (*appealed, 2, CALLED_OFF),
            ("refused", by_a_person, 2, CALLED_OFF),
        ],
        start=1,
    ):
        await hear(INES, says(label, revision, sequence, **changes, event=news))
        await notifier.run_due()
    assert [str(message["Subject"]).partition(" : ")[0] for message in mailer.sent] == [
        "Votre événement n’est pas labellisé en l’état",
        "Votre demande est reçue",
        "Votre demande est examinée",
    ]


async def test_who_is_refused_for_another_reason_since_the_event_was_called_off_is_told_which(
    hear, notifier, mailer, says
):
    await hear(INES, says("refused", 1, 1))
    await notifier.run_due()
    await hear(says("refused", 2, 2, verdicts=(GROUP.model_copy(update={"finding": "not_met"}),), event=CALLED_OFF))
    await notifier.run_due()
    assert len(mailer.sent) == 2


async def test_a_label_that_comes_back_is_told_to_who_had_taken_the_posters_down(hear, open_service, mailer, says):
    postman, _, notifier = open_service(mailer=mailer, renderers=Printer()).workers
    rejudged = {"decided_by": "rejudgement"}
    await hear(INES, says("granted", 1, 1))
    await postman.run_due()
    for sequence, (label, changes) in enumerate([("refused", {"had_label": True}), ("granted", {})], start=2):
        await hear(says(label, 1, sequence, **rejudged, **changes))
        await notifier.run_due()
        await postman.run_due()
    assert [str(message["Subject"]) for message in mailer.sent] == [
        "Votre événement est labellisé : voici votre kit de communication",
        "Le label de votre événement est retiré : voici pourquoi, et comment y remédier",
        "Votre événement a de nouveau le label",
    ]
    said = words(mailer.sent[-1])
    assert "le kit de communication que vous avez reçu sert de nouveau : vous pouvez reposer vos affiches" in said


# Once.


async def test_a_decision_that_is_delivered_twice_is_one_mail(hear, notifier, mailer, told, says, time_passes):
    await hear(INES, says("refused"), says("refused"))
    assert await notifier.run_due() == 1
    await hear(says("refused"))
    await time_passes()
    assert (await notifier.run_due(), len(mailer.sent), len(await told())) == (0, 1, 1)


@pytest.mark.parametrize("is_sent_before", [True, False])
async def test_a_review_that_goes_to_another_region_is_not_told_again(
    hear, notifier, mailer, says, names, time_passes, is_sent_before
):
    await hear(INES, says("under_review", 1, 1, region="52"))
    if is_sent_before:
        await notifier.run_due()
    await hear(says("under_review", 1, 2, region="00"))
    for _ in range(2):
        await notifier.run_due()
        await time_passes()
    assert (len(mailer.sent), await names()) == (1, [("under-review", "accepted")])


async def test_a_repeated_word_on_what_an_appeal_decided_is_no_second_end_of_the_appeal(hear, notifier, mailer, says):
    by_appeal = {"decided_by": "appeal", "automated": False}
    amended = {**by_appeal, "event": {"capacity": 12}}
    for sequence, (revision, changes) in enumerate([(1, {}), (1, APPEAL), (1, by_appeal), (2, amended)], start=1):
        await hear(INES, says("refused", revision, sequence, **changes))
        await notifier.run_due()
    assert str(mailer.sent[-1]["Subject"]).startswith("Votre événement n’est pas labellisé")


async def test_two_workers_that_hold_one_notice_send_one_mail_between_them(
    hear, open_notifier, mailer, told, says, time_passes
):
    class Slow(MemoryMailer):
        """Takes a mail when both workers are at it."""

        def __init__(self):
            super().__init__()
            self.asked, self.may_go_on = asyncio.Event(), asyncio.Event()

        async def send(self, letter):
            self.asked.set()
            await self.may_go_on.wait()
            return await super().send(letter)

    slow = Slow()
    await hear(INES, says("refused"))
    late = asyncio.create_task(open_notifier(slow).run_due())
    await slow.asked.wait()
    await time_passes()  # its lease runs out
    second = asyncio.create_task(open_notifier(mailer).run_due())
    await second
    slow.may_go_on.set()
    await late
    sent = [*slow.sent, *mailer.sent]
    # at least once: of a worker that is silent nobody knows whether its mail left, so it is sent again under its name
    assert len(sent) <= 2
    assert len({message["Message-ID"] for message in sent}) == 1
    assert [kind for kind, _ in await told()] == ["NoticeSent"]


async def test_a_mail_whose_connection_breaks_twice_is_given_up_and_may_be_had_once_more(
    hear, open_notifier, told, says, names, time_passes, engine
):
    class Breaks(MemoryMailer):
        async def send(self, letter):
            await super().send(letter)
            if len(self.sent) < 3:
                raise MailUncertain("it broke off")
            return "2.0.0 Ok"

    mailer = Breaks()
    notifier = open_notifier(mailer)
    await hear(INES, says("refused"))
    for _ in range(3):
        await notifier.run_due()
        await time_passes()
    assert (len(mailer.sent), await names()) == (2, [("not-labelled", "failed")])
    async with engine.begin() as tx:
        await retry_jobs(tx, on_retry=ask_again)
    await notifier.run_due()
    assert (len(mailer.sent), await names()) == (3, [("not-labelled", "accepted")])
    assert [kind for kind, _ in await told()] == ["NoticeFailed", "NoticeSent"]
    assert len({message["Message-ID"] for message in mailer.sent}) == 1


# Never what is overtaken.


async def test_a_refusal_that_is_mended_before_its_mail_left_is_never_sent(hear, notifier, mailer, told, says, names):
    await hear(INES, says("refused", 1), says("granted", 2))
    await notifier.run_due()
    assert (mailer.sent, await told(), await names()) == ([], [], [("not-labelled", "superseded")])


async def test_a_notice_that_is_overtaken_ends_at_once_and_what_it_would_have_said_is_gone(hear, says, names, engine):
    await hear(INES, says("refused", 1), says("granted", 2))  # nobody has looked after it
    assert await names() == [("not-labelled", "superseded")]
    async with engine.connect() as tx:
        assert list(await tx.scalars(select(notices.c.word))) == [None]


async def test_a_mail_whose_worker_died_in_the_middle_is_not_sent_again_once_it_is_overtaken(
    hear, open_notifier, mailer, says, names, time_passes
):
    class Dies(MemoryMailer):
        async def send(self, letter):
            raise asyncio.CancelledError

    await hear(INES, says("refused", 1))
    with pytest.raises(asyncio.CancelledError):
        await open_notifier(Dies()).run_due()
    await hear(says("granted", 2))
    assert await names() == [("not-labelled", "sending")]  # it may have left
    await time_passes()
    await open_notifier(mailer).run_due()
    assert (mailer.sent, await names()) == ([], [("not-labelled", "superseded")])


@pytest.mark.parametrize("order", list(permutations([1, 2, 3])))
async def test_of_three_refused_revisions_the_newest_is_told_whatever_comes_late(
    hear, notifier, mailer, told, says, order
):
    await hear(INES, *(says("refused", revision, title=f"Visite {revision}") for revision in order))
    while await notifier.run_due():
        pass
    assert ["« Visite 3 »" in words(message) for message in mailer.sent] == [True]
    assert [(kind, fact["revision"]) for kind, fact in await told()] == [("NoticeSent", 3)]


async def test_of_an_event_that_was_taken_back_nothing_more_is_written(hear, notifier, mailer, says, names):
    refused = says("refused")
    gone = EventWithdrawn(event_id=refused.event_id, revision=2, sequence=2, withdrawn_at=AT)
    await hear(INES, refused, gone)
    await notifier.run_due()
    assert (mailer.sent, await names()) == ([], [("not-labelled", "superseded")])
    await hear(says("refused", 3))
    await notifier.run_due()
    assert len(mailer.sent) == 1


async def test_a_decision_that_is_overtaken_while_the_mail_server_is_away_is_not_sent_when_it_is_back(
    hear, open_notifier, mailer, says, time_passes
):
    class Away(MemoryMailer):
        async def send(self, letter):
            raise MailDelayed("later")

    await hear(INES, says("under_review", 1, 1))
    await open_notifier(Away()).run_due()
    await hear(says("refused", 1, 2, decided_by="review", automated=False))
    await time_passes()
    notifier = open_notifier(mailer)
    while await notifier.run_due():
        pass
    assert [str(message["Subject"])[:30] for message in mailer.sent] == ["Votre événement n’est pas labe"]


# An address that refuses, an address that is not known, and one that is erased.


async def test_an_address_that_refuses_is_told_so_that_the_organiser_sees_it(engine, hear, open_notifier, told, says):
    class Refuses(MemoryMailer):
        async def send(self, letter):
            raise MailRefused("the mail server answered 550")

    await hear(INES, says("refused"))
    await open_notifier(Refuses()).run_due()
    [(kind, failed)] = await told()
    assert kind == "NoticeFailed"
    assert NoticeFailed.model_validate(failed).notice == "not-labelled"
    assert failed["reason"] == {
        "code": "mail-refused",
        "message": "Nous n’avons pas pu vous écrire\u00a0: votre messagerie a refusé notre courriel. "
        "Notre équipe en est informée.",
    }
    assert "ines@" not in json.dumps(failed)


async def test_a_notice_waits_for_its_organiser_to_become_known(hear, notifier, mailer, says, names, time_passes):
    await hear(says("refused"))
    await notifier.run_due()
    assert (mailer.sent, await names()) == ([], [("not-labelled", "pending")])
    await hear(INES)
    await time_passes()
    await notifier.run_due()
    assert len(mailer.sent) == 1


async def test_an_organiser_who_is_erased_is_written_no_more_and_their_words_are_gone(
    hear, open_service, mailer, says, engine, time_passes
):
    _, forgetter, notifier = open_service(mailer=mailer, renderers=Printer()).workers
    await hear(INES, says("refused", 1, title="Atelier Payet"))
    await notifier.run_due()
    await hear(says("refused", 2, title="Atelier Payet"), OrganiserErased(organiser_id=ORGANISER))
    await notifier.run_due()
    assert len(mailer.sent) == 1
    await forgetter.run_due()
    assert mailer.sent == []
    async with engine.connect() as tx:
        rows = await tx.scalars(text("SELECT lower(notices::text) FROM notices"))
        assert [row for row in rows if "payet" in row or "fonderie" in row] == []
        assert list(await tx.scalars(select(jobs.c.kind).where(jobs.c.state.not_in(("done", "dead"))))) == []


class Postmaster:
    """A real SMTP server's word on each recipient, and what it took."""

    def __init__(self, answer):
        self.answer, self.taken = answer, []

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 (aiosmtpd's name)
        if self.answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 (aiosmtpd's name)
        self.taken.append((envelope.rcpt_tos, envelope.content))
        return "250 2.0.0 Ok: queued as 1"


@pytest.mark.parametrize(
    ("answer", "states", "facts"),
    [
        ("250 Ok", [("not-labelled", "accepted")], ["NoticeSent"]),
        ("550 5.1.1 no such mailbox", [("not-labelled", "failed")], ["NoticeFailed"]),
        ("450 4.2.1 come later", [("not-labelled", "pending")], []),
    ],
)
async def test_a_real_mail_servers_word_is_what_becomes_of_the_notice(
    hear, open_notifier, told, says, names, answer, states, facts
):
    postmaster, loop = Postmaster(answer), asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(postmaster, hostname="mail.test", loop=loop), "127.0.0.1", 0)
    async with server:
        await hear(INES, says("refused"))
        await open_notifier(open_mailer(f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}")).run_due()
    assert (await names(), [kind for kind, _ in await told()]) == (states, facts)
    assert [to for to, _ in postmaster.taken] == ([["ines@fonderie.example"]] if "NoticeSent" in facts else [])
