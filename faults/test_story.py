"""A refusal, an appeal, a label by a person, and a lexicon that ends it: told through kills, as people read it.

Two events. The rules label the one, and a changed lexicon takes its label. The other they refuse: its organiser
appeals, a person gives the label, the lexicon has a person look once more, who refuses. At each step: the organiser's
page and timeline, the public map, the kit, and every mail, by its subject and by the sentences that matter, once each.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

import httpx
import pytest

from backbone.testing.waiting import until
from labelling.domain.lexicon import use_lexicons
from labelling.domain.ruleset import ruleset

from .drafts import LABELLED, REJECTED, Draft
from .invariants import hold
from .organiser import Client, in_one_line
from .platform import Platform
from .public import features
from .reviewer import Reviewer

VISIT: dict[str, Any] = {
    "organisation": "Forges de l’Ondaine",
    "kind": "company_visit",
    "audiences": ["pupils", "families"],
    "admission": "on_registration",
    "website": "https://forges.example/visites",
    "is_free": True,
    "slots": [{"starts_at": "2026-11-17T09:00", "ends_at": "2026-11-17T11:30"}],
    "venue": {"street": "14 rue des Forges", "postcode": "42100", "city": "Saint-Étienne"},
}
ABOUT = (
    "Découvrez la fabrication de pièces pour l’aéronautique : forge, usinage, contrôle. Nos soudeuses parlent de leurs "
    "métiers, avec les compagnons du cubilot et la confrérie du creuset. {}."
)
CLOSED = """
concern = "access"
source = "Avis du comité du 4 mai 2026"
[closed]
family = "closed"
terms = "compagnons du cubilot, confrérie du creuset"
"""
FOUND = "Votre texte indique « compagnons du cubilot » et « confrérie du creuset »."
WHY_REFUSED = "La visite est pour les compagnons : dites comment tout le monde peut venir."

KIT = "Votre événement est labellisé : voici votre kit de communication"
NOT_LABELLED = "Votre événement n’est pas labellisé en l’état : voici pourquoi, et comment y remédier"
WITHDRAWN = "Le label de votre événement est retiré : voici pourquoi, et comment y remédier"
APPEAL_RECEIVED = "Votre demande est reçue : réponse au plus tard le "
APPEAL_GRANTED = "Votre demande a abouti : votre événement est labellisé"
UNDER_REVIEW = "Une personne relit votre événement : réponse au plus tard le "

# one event a lot: what stops it half-way finds one told and one not
REJUDGE = "from labelling import rejudgement; rejudgement.AT_ONCE = 1; from sdi.cli import app; app()"


T = TypeVar("T")


@dataclass(frozen=True)
class Told:
    """An event, and what its organiser, the public and the mailbox have of it."""

    platform: Platform
    client: Client
    draft: Draft
    id: str

    async def mails(self) -> dict[str, str]:
        """The mails about it: what is read of each, by its subject. Each came once."""
        mail = self.platform.mail
        own = [name for name, text in mail.texts.items() if self.draft.word in text]
        assert {name: times for name in own if (times := mail.accepted[name]) != 1} == {}
        told = [mail.texts[name].split("\n", 1) for name in own]
        subjects = [in_one_line(subject) for subject, _ in told]
        assert len(subjects) == len(set(subjects)), subjects
        return {subject: in_one_line(text) for subject, (_, text) in zip(subjects, told, strict=True)}

    async def mail(self, subject: str) -> str:
        """What the mail says whose subject begins so; there is one."""
        [text] = [text for told, text in (await self.mails()).items() if told.startswith(subject)]
        return text

    async def timeline(self) -> list[tuple[str, str]]:
        """Each step, and its words."""
        steps = (await self.client.event(self.id))["timeline"]
        return [(step["kind"], in_one_line(step["text"])) for step in steps]

    async def stands(self, state: str, *, on_the_map: bool, kit: Sequence[str], mails: Sequence[str]) -> None:
        """Everybody sees the same: its organiser's list, the map and its pages, the kit, and the subjects of all
        mails."""
        assert (await self.client.event(self.id))["state"] == state
        map_feed = self.platform.replicas["map-feed"][0].url

        async def is_on_the_map() -> bool:
            return (self.id in await features(map_feed)) == on_the_map

        await until(f"the map shows it: {on_the_map}", is_on_the_map, 20.0)
        async with httpx.AsyncClient(timeout=20.0) as visitor:
            public = await visitor.get(f"{map_feed}/evenements/{self.id}")
        assert (public.status_code, self.draft.word in public.text) == ((200, True) if on_the_map else (404, False))
        async with self.platform.admin("commskit") as connection:
            rows = await connection.fetch("SELECT state FROM kits WHERE event_id = $1", UUID(self.id))
        assert [row["state"] for row in rows] == list(kit)
        subjects = list(await self.mails())
        assert len(subjects) == len(mails), subjects
        assert [subject for subject in subjects if not subject.startswith(tuple(mails))] == []


@pytest.fixture
async def reviewer(platform: Platform) -> AsyncIterator[Reviewer]:
    reviewer = Reviewer(platform)
    await reviewer.sign_up()
    yield reviewer
    await reviewer.close()


@pytest.fixture
def lexicons(tmp_path: Path) -> Path:
    """What a committee says that no rule knew."""
    (tmp_path / "comite.toml").write_text(CLOSED)
    return tmp_path


def draft(title: str, outcome: str, **changes: Any) -> Draft:
    word = f"Zurtolimba{uuid4().hex[:8]}"
    return Draft({**VISIT, "title": f"{title} {word}", "description": ABOUT.format(word), **changes}, word, outcome)


async def submitted(platform: Platform, draft: Draft) -> Told:
    """One of the organisers submits an event."""
    client, event = platform.clients[0], str(uuid4())
    revision = await client.submit(event, draft, url=platform.replicas["registration"][0].url)
    client.note_up_to(event, revision, draft)
    return Told(platform, client, draft, event)


async def sdi(platform: Platform, *words: str, **told: str) -> subprocess.CompletedProcess[str]:
    """An operator's command, as it is written."""
    command = [sys.executable, "-c", REJUDGE, *words]
    environ = {**os.environ, **platform.settings_of_operator(), "COLUMNS": "300", **told}
    return await asyncio.to_thread(subprocess.run, command, env=environ, capture_output=True, text=True, timeout=120)


async def rejudged(platform: Platform) -> Counter[str]:
    """How often each event was decided on by other rules."""
    async with platform.admin("labelling") as connection:
        rows = await connection.fetch("SELECT event_id FROM tallies WHERE decided_by = 'rejudgement'")
    return Counter(str(row["event_id"]) for row in rows)


@dataclass(frozen=True)
class Deaths:
    """The services that die in this telling; the others live through it."""

    platform: Platform
    of: Collection[str]

    async def over(self, service: str, place: str, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Does something of which a service, if it is one of them, dies at this place; returns once it is up again."""
        if service not in self.of:
            return await work()
        (replica,) = self.platform.replicas[service]
        await self.platform.restart(replica, **{**replica.extra, "SDI_FAILPOINT": place})
        # before it is ready it may have died already: its readers begin before its door opens
        result, _ = await asyncio.gather(work(), self.platform.crashed_at(replica))
        return result

    def now(self, service: str) -> None:
        """kill -9, if it is one of them."""
        if service in self.of:
            (replica,) = self.platform.replicas[service]
            replica.kill()
            replica.start(**replica.extra)


@pytest.mark.parametrize(
    "dying",
    [
        pytest.param(["commskit"], id="the mails' service dies"),
        pytest.param(["registration", "labelling", "map-feed"], id="the others die", marks=pytest.mark.thorough),
    ],
)
async def test_a_refusal_an_appeal_a_label_by_a_person_and_a_lexicon_that_ends_it_are_right_at_each_step(
    platform: Platform, reviewer: Reviewer, lexicons: Path, chance: random.Random, dying: Sequence[str]
) -> None:
    dies, before = Deaths(platform, dying), await rejudged(platform)
    of_rules, of_a_person = draft("La forge", LABELLED), draft("La forge, entrée payante", REJECTED, is_free=False)

    # registration dies before it knows that its organiser's words were told
    async def submit() -> tuple[Told, Told]:
        return await submitted(platform, of_rules), await submitted(platform, of_a_person)

    one, other = await dies.over("registration", "after-publish-before-mark", submit)
    await platform.at_rest()
    await one.stands("labelled", on_the_map=True, kit=["accepted"], mails=[KIT])
    await is_refused_by_the_rules(other)

    # labelling dies before it knows that the appeal was told
    await dies.over("labelling", "after-publish-before-mark", lambda: other.client.appeal(other.id))
    await platform.at_rest()
    await is_in_appeal(other)

    # commskit dies over the label that a person gives, and the map at any moment
    dies.now("map-feed")
    at_the_commit = chance.choice(["before-commit", "after-commit-before-ack"])
    await dies.over("commskit", at_the_commit, lambda: reviewer.decide(other.id, 1))
    await platform.at_rest()
    await is_labelled_on_appeal(other)

    # a lexicon is tried; then labelling is given it, and the operator's command dies between two events
    by = await tried(one, other, lexicons)
    assert await rejudged(platform) == before
    apply = ["labelling", "rejudge", "--edition", "2026", "--apply", "--rules", by]
    told = {"LABELLING_LEXICONS": str(lexicons)}
    await platform.restart(platform.replicas["labelling"][0], **told)
    platform.history.fault("rejudgement killed half-way")
    assert (await sdi(platform, *apply, **told, SDI_FAILPOINT="in-rejudgement:2")).returncode == 137
    assert (await rejudged(platform) - before).total() == 1
    dies.now("map-feed")
    done = await dies.over("commskit", at_the_commit, lambda: sdi(platform, *apply, **told))
    assert (done.returncode, done.stderr) == (0, "")
    assert "judged again; 1 were told a new decision (" in done.stdout
    await platform.at_rest()
    assert await rejudged(platform) - before == {one.id: 1, other.id: 1}
    platform.words[one.id, 1] = REJECTED
    await has_lost_its_label_to_the_rules(one)
    await keeps_its_label_while_a_person_looks_once_more(other)

    # labelling dies as soon as a person's last word is acknowledged
    await reviewer.decide(other.id, 1, public=WHY_REFUSED)
    dies.now("labelling")
    await platform.at_rest()
    await has_lost_its_label_to_a_person(other)

    # nothing is left to do, and nothing was done twice
    assert "judged again; 0 were told a new decision;" in (await sdi(platform, *apply, **told)).stdout
    verified = await sdi(platform, "labelling", "verify")
    assert (verified.returncode, "are as they were told" in verified.stdout) == (0, True)
    world = await hold(platform)
    decisions = [row for row in world.told_as(*DECISIONS) if (row.key or b"").decode() in (one.id, other.id)]
    assert Counter(row.header("ce_type").rsplit(".", 1)[1] for row in decisions) == {
        "EventLabelled": 2,
        "EventRejected": 3,
        "AppealReceived": 1,
        "ReviewRequested": 1,
    }


DECISIONS = ("EventLabelled", "EventRejected", "ReviewRequested", "AppealReceived", "LabelWithdrawn")


async def is_refused_by_the_rules(told: Told) -> None:
    await told.stands("rejected", on_the_map=False, kit=[], mails=[NOT_LABELLED])
    assert "La gratuité. Vous avez déclaré l’événement payant" in await told.mail(NOT_LABELLED)
    page = await told.client.page(told.id)
    assert "Il n’a pas le label, en l’état." in page
    assert "Demander qu’une personne regarde" in page


async def is_in_appeal(told: Told) -> None:
    await told.stands("in_appeal", on_the_map=False, kit=[], mails=[NOT_LABELLED, APPEAL_RECEIVED])
    assert "une personne qui n’a pas pris part au refus l’examine" in await told.mail(APPEAL_RECEIVED)
    assert "Non : le refus demeure jusqu’à la réponse." in await told.client.page(told.id)
    [received] = [text for kind, text in await told.timeline() if kind == "AppealReceived"]
    assert received.endswith("D’ici là, le refus demeure.")


ON_APPEAL = [NOT_LABELLED, APPEAL_RECEIVED, APPEAL_GRANTED, KIT]


async def is_labelled_on_appeal(told: Told) -> None:
    await told.stands("labelled", on_the_map=True, kit=["accepted"], mails=ON_APPEAL)
    assert "il remplit les conditions, et porte le label" in await told.mail(APPEAL_GRANTED)
    assert "est labellisé pour la Semaine de l’industrie" in await told.mail(KIT)
    assert re.search(r"Est-il sur la carte \? Oui(, à la commune)?\. Voir sa page", await told.client.page(told.id))
    [labelled] = [text for kind, text in await told.timeline() if kind == "EventLabelled"]
    assert labelled == "Après recours, votre événement est labellisé. Le kit de communication arrive par courriel."


async def tried(one: Told, other: Told, lexicons: Path) -> str:
    """A dry run of the changed lexicon: it says whose label would go, and why, and tells nobody; the name of the rules
    with it."""
    words = ["labelling", "rejudge", "--edition", "2026", "--lexicons", str(lexicons), "--dry-run"]
    said = await sdi(one.platform, *words)
    assert (said.returncode, said.stderr) == (0, "")
    answer = in_one_line(said.stdout)
    taken = f"{one.id} revision 1 granted → refused {one.draft.body['title']} public-reserved: {FOUND}"
    looked_at = (
        f"{other.id} revision 1 granted by appeal → under_review, for a person {other.draft.body['title']} "
        f"public-rules-changed: {FOUND}"
    )
    assert (taken in answer, looked_at in answer) == (True, True), said.stdout
    use_lexicons(lexicons)
    by = ruleset()
    use_lexicons(None)
    assert said.stdout.endswith(f"Nobody was told. To do it: --apply --rules {by}\n")
    return by


async def has_lost_its_label_to_the_rules(told: Told) -> None:
    await told.stands("rejected", on_the_map=False, kit=["accepted"], mails=[KIT, WITHDRAWN])
    text = await told.mail(WITHDRAWN)
    assert "n’a plus le label de la Semaine de l’industrie 2026, après un nouvel examen. Il n’est plus sur la" in text
    assert "Retirez les affiches du kit de communication" in text
    assert f"L’ouverture au public. {FOUND}" in text
    assert "Cette décision a été prise par un traitement algorithmique, sans intervention humaine" in text
    assert "Demandez qu’une personne regarde, un clic suffit" in text
    page = await told.client.page(told.id)
    assert "Est-il sur la carte ? Non : la carte montre les événements qui ont le label." in page
    assert f"L’ouverture au public. {FOUND}" in page
    [lost] = [text for kind, text in await told.timeline() if kind == "EventRejected"]
    assert lost == (
        "Après un nouvel examen, votre événement perd le label : il n’en remplit plus les conditions. "
        f"{FOUND} Ouvrez-le au public, sur inscription s’il le faut, et dites-le dans le texte."
    )


async def keeps_its_label_while_a_person_looks_once_more(told: Told) -> None:
    await told.stands("in_review", on_the_map=True, kit=["accepted"], mails=[*ON_APPEAL, UNDER_REVIEW])
    text = await told.mail(UNDER_REVIEW)
    assert "Depuis, les règles ou les dates de la campagne ont changé : une personne le relit." in text
    assert "garde son label et reste sur la carte, et votre kit de communication sert toujours." in text
    assert f"L’ouverture au public. {FOUND} → Les règles ont changé depuis qu’une personne a décidé" in text
    page = await told.client.page(told.id)
    assert "Est-il sur la carte ? Oui : il garde son label, tant que la personne n’a pas décidé." in page
    [asked] = [text for kind, text in await told.timeline() if kind == "ReviewRequested"]
    assert asked.endswith("D’ici là, il garde son label, et le public lit la version labellisée.")


async def has_lost_its_label_to_a_person(told: Told) -> None:
    mails = [*ON_APPEAL, UNDER_REVIEW, WITHDRAWN]
    await told.stands("rejected", on_the_map=False, kit=["accepted"], mails=mails)
    text = await told.mail(WITHDRAWN)
    assert WHY_REFUSED in text
    assert "Cette décision a été prise par une personne." in text
    assert (await told.timeline())[-2:] == [
        (
            "EventRejected",
            f"Après relecture, votre événement perd le label : il n’en remplit plus les conditions. {WHY_REFUSED}",
        ),
        ("NoticeSent", "Un courriel vous dit pourquoi le label est retiré, et comment y remédier."),
    ]
