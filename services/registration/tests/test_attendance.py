"""After the event its organiser says who came: asked once and reminded twice, by a link that needs no sign-in."""

from __future__ import annotations

import re
from datetime import datetime
from html import unescape
from typing import Any
from uuid import UUID, uuid4

import pytest
from pypdfium2 import PdfDocument
from pypdfium2.raw import FPDFCatalog_IsTagged
from sqlalchemy import select, update

from backbone.contracts import EventLabelled, EventStatus, canary
from backbone.postgres.database import jobs
from backbone.postgres.upkeep import Upkeep
from registration.domain.attendance import Coarse, Shown, Total, call_at, coarse, coarse_regions
from registration.domain.draft import EventDraft
from registration.domain.measure import Measure
from registration.handlers.attendance import attendance_calls, questions_never_queued
from registration.store import accounts, attendance, events

ASKED = "2026-11-18T09:00+01:00"  # the event was on Tuesday the 17th
LINK = re.compile(r"/participation\?jeton=(\S+)")
NO_BREAK = re.compile("[\u00a0\u202f]")


def plain(text: str) -> str:
    return NO_BREAK.sub(" ", unescape(text))


@pytest.fixture
def let_time_pass(service: Any, clock: Any, mailer: Any, engine: Any) -> Any:
    """Has what is due by then done; the mails that left."""

    async def go(until: str) -> list[Any]:
        passed = datetime.fromisoformat(until) - clock.at
        clock.at += passed
        before = len(mailer.sent)
        async with engine.begin() as tx:
            await tx.execute(update(jobs).where(jobs.c.state == "waiting").values(due_at=jobs.c.due_at - passed))
        kinds = ("attendance-call", "mailing")
        while sum([await worker.run_due() for worker in service.workers if worker.kind in kinds]):
            pass
        return list(mailer.sent[before:])

    return go


@pytest.fixture
async def labelled(mine: Any, hear: Any, a_decision: Any) -> Any:
    """A person, and an event of theirs that has the label."""
    await hear(a_decision(mine[1], 1, 1, "granted"))
    return mine


def token_of(mail: Any) -> str:
    found = LINK.search(mail.get_body(("plain",)).get_content())
    assert found
    return found[1]


@pytest.fixture
async def token(labelled: Any, let_time_pass: Any) -> str:
    [mail] = await let_time_pass(ASKED)
    return token_of(mail)


@pytest.fixture
def page(client: Any) -> Any:
    """The page behind the link: read, or sent with these fields."""

    async def go(token: str, **fields: str) -> Any:
        if not fields:
            return await client.get("/participation", params={"jeton": token})
        return await client.post("/participation", data={"jeton": token, **fields})

    return go


async def test_on_the_first_working_day_after_the_last_opening_the_organiser_is_asked_who_came(
    labelled: Any, let_time_pass: Any
) -> None:
    assert await let_time_pass("2026-11-18T08:59+01:00") == []
    [mail] = await let_time_pass(ASKED)
    assert mail["To"] == "ines@fonderie.example"
    assert plain(str(mail["Subject"])) == ("Combien de personnes sont venues ? « Du métal en fusion à la pièce finie »")
    text = plain(mail.get_body(("plain",)).get_content())
    assert "a eu lieu le mardi 17 novembre 2026 : merci de l’avoir fait vivre." in text
    assert "jusqu’au 16 janvier 2027" in text
    assert "https://inscription.example/participation?jeton=" in text


def test_a_weekend_and_a_holiday_there_are_no_working_days() -> None:
    saturday = datetime.fromisoformat("2026-11-21T18:00+01:00")
    assert call_at(saturday, 0, "44550") == datetime.fromisoformat("2026-11-23T09:00+01:00")
    christmas_eve = datetime.fromisoformat("2026-12-24T12:00+01:00")
    assert call_at(christmas_eve, 0, "67000") == datetime.fromisoformat("2026-12-28T09:00+01:00")  # the 26th too
    there = datetime.fromisoformat("2026-11-17T18:00-04:00")
    assert call_at(there, 0, "97110") == datetime.fromisoformat("2026-11-18T09:00-04:00")


async def test_who_does_not_answer_is_asked_twice_again_and_then_left_alone(labelled: Any, let_time_pass: Any) -> None:
    assert len(await let_time_pass(ASKED)) == 1
    assert len(await let_time_pass("2026-11-24T09:00+01:00")) == 0
    assert len(await let_time_pass("2026-11-25T09:00+01:00")) == 1
    assert len(await let_time_pass("2026-12-02T09:00+01:00")) == 1
    assert len(await let_time_pass("2027-01-10T09:00+01:00")) == 0


async def test_who_is_asked_late_has_a_week_before_the_next_time(labelled: Any, let_time_pass: Any) -> None:
    assert len(await let_time_pass("2026-11-30T10:00+01:00")) == 1
    assert len(await let_time_pass("2026-12-04T10:00+01:00")) == 0
    assert len(await let_time_pass("2026-12-07T10:00+01:00")) == 1


async def test_who_has_answered_is_not_asked_again(token: str, page: Any, let_time_pass: Any) -> None:
    assert (await page(token, **{"v-pupils": "58"})).status_code == 200
    assert await let_time_pass("2026-12-20T09:00+01:00") == []


async def test_an_amendment_after_the_question_asks_it_no_second_time(
    labelled: Any, hear: Any, a_draft: Any, a_decision: Any, let_time_pass: Any
) -> None:
    ines, event_id = labelled
    assert len(await let_time_pass(ASKED)) == 1
    await ines.ask("PUT", f"/v1/events/{event_id}", a_draft(website="https://erdre.example"))
    await hear(a_decision(event_id, 2, 2, "granted"))
    assert await let_time_pass("2026-11-19T09:00+01:00") == []


@pytest.mark.parametrize("what", ["withdrawn", "refused", "cancelled"])
async def test_of_what_has_no_label_or_did_not_take_place_nobody_is_asked(
    labelled: Any, what: str, hear: Any, a_decision: Any, let_time_pass: Any, engine: Any
) -> None:
    ines, event_id = labelled
    if what == "withdrawn":
        await ines.ask("POST", f"/v1/events/{event_id}/withdrawal")
    elif what == "refused":
        await hear(a_decision(event_id, 1, 2, "refused"))
    else:
        measure = Measure(status=EventStatus.CANCELLED)
        async with engine.begin() as tx:
            told = [measure.model_dump(mode="json")]
            await tx.execute(update(events).values(measures=told))
    assert await let_time_pass(ASKED) == []


async def test_the_page_asks_for_the_audiences_of_the_event_and_changes_nothing(
    token: str, page: Any, engine: Any
) -> None:
    shown = await page(token)
    text = plain(shown.text)
    assert shown.status_code == 200
    assert [*re.findall(r'<label for="v-(\w+)">', shown.text)] == ["families", "pupils", "everyone"]
    assert "« Du métal en fusion à la pièce finie », le mardi 17 novembre 2026." in text
    assert "Il n’est jamais publié" in text
    assert "N’y nommez personne" in text
    async with engine.connect() as tx:
        assert await tx.scalar(select(attendance.c.filed_at)) is None


async def test_what_was_said_is_thanked_for_and_can_be_corrected_for_two_months(
    labelled: Any, token: str, page: Any, let_time_pass: Any
) -> None:
    ines, event_id = labelled
    said = await page(token, **{"v-pupils": "58", "v-families": " 1 200 ", "mot": "Mille questions !"})
    assert said.status_code == 200
    assert "Merci : c’est noté. Votre attestation de participation est prête." in plain(said.text)
    first = (await ines.ask("GET", f"/v1/events/{event_id}/attendance")).json()
    assert (first["visitors"], first["total"]) == ({"pupils": 58, "families": 1200}, 1258)
    assert first["word"] == "Mille questions !"

    again = await page(token)
    assert 'value="1200"' in again.text
    assert "Corriger mes chiffres" in again.text
    await let_time_pass("2027-01-16T09:00+01:00")
    assert (await page(token, **{"v-pupils": "60"})).status_code == 200
    corrected = (await ines.ask("GET", f"/v1/events/{event_id}/attendance")).json()
    assert (corrected["visitors"], corrected["word"]) == ({"pupils": 60}, None)
    assert corrected["attestation"] == first["attestation"]

    await let_time_pass("2027-01-17T09:00+01:00")
    late = await page(token, **{"v-pupils": "61"})
    assert late.status_code == 409
    assert "soixante jours après le dernier créneau" in plain(late.text)
    assert (await ines.ask("PUT", f"/v1/events/{event_id}/attendance", {"visitors": {"pupils": 1}})).status_code == 409
    assert (await ines.ask("GET", f"/v1/events/{event_id}/attendance")).json()["total"] == 60, "it is read for ever"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"v-pupils": ""}, "Indiquez au moins un nombre"),
        ({"v-pupils": "-3"}, "Indiquez ces nombres en chiffres, par exemple 35 : Collégiens et lycéens."),
        ({"v-pupils": "1000001"}, "de 0 à 1 000 000"),
        ({"v-pupils": "3", "mot": "x" * 1001}, "1000"),
    ],
)
async def test_what_is_no_number_is_said_beside_what_was_typed(
    token: str, page: Any, fields: dict[str, str], words: str
) -> None:
    answer = await page(token, **fields)
    assert answer.status_code == 422
    assert words in plain(answer.text)
    assert f'value="{fields["v-pupils"]}"' in answer.text


async def test_a_link_that_is_not_ours_or_whose_event_has_gone_opens_nothing(
    labelled: Any, token: str, page: Any, client: Any
) -> None:
    assert (await page("nimporte.quoi")).status_code == 410
    assert (await page("")).status_code == 410
    ines, _ = labelled
    erased = {"email": ines.email, "password": "douze lettres, ou plus"}
    assert (await client.post("/v1/accounts/erasure", json=erased)).status_code == 200
    assert (await page(token, **{"v-pupils": "58"})).status_code == 410


async def test_before_it_begins_nobody_can_say_who_came(labelled: Any) -> None:
    ines, event_id = labelled
    answer = await ines.ask("PUT", f"/v1/events/{event_id}/attendance", {"visitors": {"pupils": 3}})
    assert answer.status_code == 409
    assert answer.json()["detail"].startswith("Votre événement n’a pas encore commencé")


async def test_another_may_not_say_who_came(labelled: Any, a_person: Any, let_time_pass: Any) -> None:
    _, event_id = labelled
    await let_time_pass(ASKED)
    paul = await a_person("paul@acier.example")
    answer = await paul.ask("PUT", f"/v1/events/{event_id}/attendance", {"visitors": {"pupils": 3}})
    assert answer.status_code == 404


async def test_sums_are_told_to_who_answers_for_a_region_and_not_to_others(
    labelled: Any, token: str, page: Any, a_person: Any, engine: Any
) -> None:
    ines, _ = labelled
    await page(token, **{"v-pupils": "58", "v-everyone": "2"})
    assert (await ines.ask("GET", "/v1/attendance/totals")).json()["regions"] == []

    async def told(role: str, *regions: str) -> Any:
        someone = await a_person(f"{uuid4().hex}@comites.example")
        async with engine.begin() as tx:
            granted = update(accounts).where(accounts.c.email == someone.email)
            await tx.execute(granted.values(role=role, regions=list(regions)))
        return (await someone.ask("GET", "/v1/attendance/totals?edition=2026")).json()

    here = await told("reviewer", "52")
    assert here["regions"] == [
        {
            "region": "52",
            "name": "Pays de la Loire",
            "asked": 1,
            "reported": 1,
            "response_rate": 1.0,
            "visitors": 60,
            "by_audience": {"pupils": 58, "everyone": 2},
        }
    ]
    assert (await told("reviewer", "84"))["all"]["asked"] == 0
    assert (await told("administrator"))["all"]["visitors"] == 60


async def test_the_public_is_told_no_sum_of_few(token: str, page: Any, client: Any) -> None:
    await page(token, **{"v-pupils": "58"})
    told = (await client.get("/v1/attendance/public")).json()
    assert told == {
        "edition": "2026",
        "threshold": 5,
        "response_rate": None,
        "reported": None,
        "visitors": None,
        "regions": [{"region": "52", "name": "Pays de la Loire", "reported": None, "visitors": None}],
    }


def test_what_the_public_is_told_is_rounded_and_what_is_left_out_cannot_be_worked_out() -> None:
    many, more, few = Total(9, 7, 1234, {}), Total(20, 12, 987, {}), Total(3, 2, 41, {})
    assert coarse(many, to=100) == Coarse(7, 1200)
    assert coarse_regions({"84": many, "11": more}) == {"84": Coarse(7, 1230), "11": Coarse(12, 990)}
    assert coarse_regions({"84": many, "11": more, "93": few}) == {
        "84": Coarse(None, None),
        "11": Coarse(12, 990),
        "93": Coarse(None, None),
    }


def test_the_days_of_an_event_are_said_as_people_say_them(a_draft: Any) -> None:
    def days(*told: str) -> str:
        slots = [{"starts_at": f"2026-11-{day}T09:00", "ends_at": f"2026-11-{day}T10:00"} for day in told]
        draft = EventDraft.model_validate(a_draft(slots=slots))
        return plain(Shown.of(draft.as_event(UUID(int=1), 1, "2026", UUID(int=2))).days)

    assert days("17") == "le mardi 17 novembre 2026"
    assert days("17", "18", "19") == "du 17 au 19 novembre 2026"
    assert days("17", "19") == "le mardi 17 novembre 2026 et le jeudi 19 novembre 2026"
    assert days("16", "17", "19", "20", "22") == "sur 5 jours, du 16 au 22 novembre 2026"


def test_a_canary_is_asked_nothing(a_decision: Any) -> None:
    fact = a_decision(str(canary.EVENT), 1, 1, "granted")
    assert isinstance(fact, EventLabelled)
    assert attendance_calls(fact, fact.decided_at) == []


async def test_an_attestation_is_given_in_return_and_anybody_may_ask_whether_it_is_true(
    labelled: Any, token: str, page: Any, client: Any
) -> None:
    ines, event_id = labelled
    nothing = await client.get("/participation/attestation", params={"jeton": token})
    assert (nothing.status_code, "Dites d’abord combien" in plain(nothing.text)) == (404, True)
    await page(token, **{"v-pupils": "987654", "mot": "Merci à Zoé Lambert !"})

    given = await client.get("/participation/attestation", params={"jeton": token})
    number = (await ines.ask("GET", f"/v1/events/{event_id}/attendance")).json()["attestation"]
    assert (given.status_code, given.headers["content-type"]) == (200, "application/pdf")
    assert given.headers["content-disposition"] == f'attachment; filename="attestation-{number}.pdf"'
    again = await ines.ask("GET", f"/v1/events/{event_id}/attendance/attestation")
    assert again.content == given.content, "the same words are the same bytes"

    document = PdfDocument(given.content)
    text = plain(document[0].get_textpage().get_text_range()).replace("\r\n", " ")
    assert len(document) == 1
    for words in (
        "Attestation de participation",
        "Fonderie de l’Erdre",
        "« Du métal en fusion à la pièce finie »",
        "le mardi 17 novembre 2026, à Montoir-de-Bretagne.",
        f"Attestation n° {number}, délivrée le 18 novembre 2026.",
        f"https://inscription.example/attestations/{number}",
    ):
        assert words in text
    assert "Zoé" not in text
    assert "987" not in text.replace(number, "")
    assert "Inès" not in text
    assert document.get_metadata_value("Title").startswith(f"Attestation de participation {number}")
    assert FPDFCatalog_IsTagged(document), "as screen readers need it"

    shown = plain((await client.get(f"/attestations/{number.lower()}")).text)
    assert "Nous confirmons l’avoir délivrée : Fonderie de l’Erdre a participé" in shown
    assert "987654" not in shown
    unknown = await client.get("/attestations/2026-AAAA-BBBB-CCCC")
    assert (unknown.status_code, "Aucune attestation ne porte ce numéro" in unknown.text) == (404, True)


async def test_of_an_erased_organiser_an_attestation_tells_no_more_than_that_it_was_given(
    labelled: Any, token: str, page: Any, client: Any
) -> None:
    ines, event_id = labelled
    await page(token, **{"v-pupils": "58"})
    number = (await ines.ask("GET", f"/v1/events/{event_id}/attendance")).json()["attestation"]
    erased = {"email": ines.email, "password": "douze lettres, ou plus"}
    assert (await client.post("/v1/accounts/erasure", json=erased)).status_code == 200
    shown = plain((await client.get(f"/attestations/{number}")).text)
    assert "effacé depuis, à la demande de son organisateur" in shown
    assert "Fonderie" not in shown
    assert (await client.get("/participation/attestation", params={"jeton": token})).status_code == 410


async def test_an_event_that_was_labelled_before_there_was_a_question_is_asked_about_too(
    labelled: Any, engine: Any, clock: Any, let_time_pass: Any
) -> None:
    async with engine.begin() as tx:
        await tx.execute(jobs.delete().where(jobs.c.kind == "attendance-call"))
    upkeep = Upkeep(engine, [questions_never_queued(clock, "2026")])
    await upkeep.purge_all()
    assert len(await let_time_pass(ASKED)) == 1
    await upkeep.purge_all()
    assert await let_time_pass("2026-11-18T10:00+01:00") == []
