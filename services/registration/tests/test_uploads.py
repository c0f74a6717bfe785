"""A file of events at the door: checked row by row, reported in its own cells, applied once, and again without harm."""

from __future__ import annotations

import asyncio
import io
import json
import os
import sys
from datetime import UTC, datetime, timedelta

import httpx
import openpyxl
import pytest
from sqlalchemy import delete, func, insert, select, update

from backbone.postgres.database import jobs
from registration.assessing import RulesOfLabelling
from registration.handlers import quotas
from registration.handlers.uploads import Uploading
from registration.store import Limit
from registration.store.tables import accounts, events, limits, members, upload_parts, uploads

LEFT_TO_OTHERS = "Vous pouvez lire ceci, mais pas faire cela : demandez-le à la personne qui s’en occupe."
HEADINGS = (
    "Référence", "Titre", "Description", "Type d'événement", "Publics", "Accès", "Gratuit", "Date", "Heure de début",
    "Heure de fin", "Adresse", "Code postal", "Ville",
)  # fmt: skip


def a_row(reference="A1", **changes):
    told = {
        "Référence": reference, "Titre": f"Visite {reference}", "Accès": "Ouvert à tous", "Gratuit": "oui",
        "Description": "Suivez une pièce, du four à l’emballage.", "Type d'événement": "visite d'usine",
        "Publics": "Familles ; Étudiants", "Date": "17/11/2026", "Heure de début": "9h", "Heure de fin": "11h30",
        "Adresse": "12 rue de l’Industrie", "Code postal": "44550", "Ville": "Montoir-de-Bretagne",
    }  # fmt: skip
    return [str((told | changes)[heading]) for heading in HEADINGS]


def as_csv(*rows, headings=HEADINGS) -> bytes:
    lines = [";".join(f'"{cell}"' for cell in row) for row in (headings, *rows)]
    return "\r\n".join(lines).encode("utf-8-sig")


@pytest.fixture
def upload_worker(service):
    return next(worker for worker in service.workers if worker.kind == Uploading.kind)


@pytest.fixture
async def organiser(a_person):
    return await a_person()


@pytest.fixture
def uploads_file(organiser, upload_worker):
    """Hands a file in, and has it checked; the upload as it stands then."""

    async def send(content: bytes, name="événements.csv", *, who=organiser, is_checked=True, **fields):
        answer = await who.client.post("/v1/uploads", files={"file": (name, content)}, data=fields, headers=who.headers)
        assert answer.status_code == 202, answer.text
        if is_checked:
            assert await upload_worker.run_due() == 1
        return (await who.ask("GET", answer.headers["Location"])).json()

    return send


@pytest.fixture
def applies(organiser, upload_worker):
    """Has an upload applied; the upload as it stands then."""

    async def apply(upload, how="submitted", **more):
        path = f"/v1/uploads/{upload['id']}"
        answer = await organiser.ask("POST", f"{path}/application", {"as": how, **more})
        assert answer.status_code == 202, answer.text
        await upload_worker.run_due()
        return (await organiser.ask("GET", path)).json()

    return apply


@pytest.fixture
def rows_of(organiser):
    async def read(upload, **query):
        wanted = "&".join(f"{name}={value}" for name, value in query.items())
        return (await organiser.ask("GET", f"/v1/uploads/{upload['id']}/rows?{wanted}")).json()

    return read


@pytest.fixture
def kept(engine):
    """The events there are, by title: their number, and how often they were submitted."""

    async def read():
        async with engine.connect() as tx:
            rows = await tx.execute(select(events.c.draft["title"].astext, events.c.id, events.c.revision))
            return {title: (event_id, revision) for title, event_id, revision in rows}

    return read


async def test_a_file_is_checked_row_by_row_and_nothing_is_done_with_it(uploads_file, rows_of, kept, engine):
    upload = await uploads_file(
        as_csv(
            a_row("A1"),
            a_row("A2", Date="lundi 17/11/2026", Publics="martiens"),
            a_row("A3", Ville="", Gratuit=""),
            a_row("A4", Description="Appelez le 02 40 00 00 00 pour venir nous voir."),
            a_row("A1"),
            a_row("A6", Description="Inès Payet vous accueille à l’atelier, pour tout montrer."),
        )
    )
    assert (upload["state"], upload["problem"], upload["filename"]) == ("checked", None, "événements.csv")
    assert upload["counts"]["outlook"] == {"ready": 1, "faulty": 2, "incomplete": 2, "to_confirm": 1}
    said = {
        row["number"]: [(fault["heading"], fault["read"], fault["message"]) for fault in row["faults"]]
        for row in await rows_of(upload)
    }
    assert said[2] == []
    assert [(heading, read) for heading, read, _ in said[3]] == [("Publics", "martiens"), ("Date", "lundi 17/11/2026")]
    assert said[3][1][2] == "Le 17/11/2026 est un mardi : corrigez le jour ou la date."
    assert said[4] == [
        ("Gratuit", "", "Dites si l’événement est gratuit."), ("Ville", "", "Indiquez la commune du lieu."),
    ]  # fmt: skip
    assert [heading for heading, *_ in said[5]] == ["Description"]
    assert said[6] == [
        ("Référence", "A1", "Cette référence est déjà à la ligne 2 : donnez à chaque événement la sienne.")
    ]
    assert said[7][0][2].startswith("Ce texte devient public, et votre nom y figure.")
    assert await kept() == {}
    async with engine.connect() as tx:
        assert await tx.scalar(select(func.count()).select_from(upload_parts)) == 0


async def test_its_rows_are_submitted_or_kept_as_drafts_and_the_faulty_ones_left(
    uploads_file, applies, rows_of, kept, told
):
    rows = [a_row("A1"), a_row("A2", Publics="martiens"), a_row("A3", Gratuit="")]
    applied = await applies(await uploads_file(as_csv(*rows)))
    assert (applied["state"], applied["counts"]["outcome"]) == ("applied", {"submitted": 1, "left": 1, "drafted": 1})
    assert {title: revision for title, (_, revision) in (await kept()).items()} == {"Visite A1": 1, "Visite A3": 0}
    [(kind, fact)] = await told()
    assert (kind, fact["event"]["external_id"], fact["event"]["venue"]["address"]["city"]) == (
        "EventSubmitted", "A1", "Montoir-de-Bretagne",
    )  # fmt: skip
    assert [row["outcome"] for row in await rows_of(applied)] == ["submitted", "left", "drafted"]


async def test_a_file_that_is_uploaded_again_makes_no_event_twice_and_changes_what_has_changed(
    uploads_file, applies, kept, told
):
    first = [a_row("A1"), a_row("A2"), a_row("", Titre="Sans référence"), a_row("", Titre="Sans référence")]
    await applies(await uploads_file(as_csv(*first)), not_the_same=True)
    before = await kept()
    again = await uploads_file(as_csv(*first))
    assert again["counts"]["change"] == {"unchanged": 4}
    assert (await applies(again))["counts"]["outcome"] == {"unchanged": 4}
    changed = [a_row("", Titre="Sans référence"), a_row("A2", **{"Heure de fin": "12h"}), *first[3:], a_row("A1")]
    last = await uploads_file(as_csv(*changed))
    assert last["counts"]["change"] == {"unchanged": 3, "changed": 1}
    assert (await applies(last))["counts"]["outcome"] == {"unchanged": 3, "submitted": 1}
    after = await kept()
    assert {title: one[0] for title, one in after.items()} == {title: one[0] for title, one in before.items()}
    assert [fact["revision"] for _, fact in await told()] == [1, 1, 1, 1, 2]


WORKER = """
import asyncio
from registration.app import create_app
from registration.settings import Settings

async def main():
    service = create_app(Settings())
    await next(worker for worker in service.workers if worker.kind == "upload").run_due()

asyncio.run(main())
"""


@pytest.fixture
def dies_at(settings, engine):
    """A worker of its own takes what is due, and dies there as by `kill -9`; its lease runs out."""

    async def die(failpoint: str) -> None:
        told = {name: getattr(settings, name) for name in ("database_url", "mail_url", "signing_key")}
        environment = {name.upper(): secret.get_secret_value() for name, secret in told.items()}
        environment |= {"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1", "EDITION": str(settings.edition)}
        environment |= {"NOW": "2026-06-01T09:00:00Z", "SDI_FAILPOINT": failpoint}
        command = (sys.executable, "-c", WORKER)
        process = await asyncio.create_subprocess_exec(*command, env=os.environ | environment)
        async with asyncio.timeout(60):
            assert await process.wait() == 137
        async with engine.begin() as tx:
            await tx.execute(update(jobs).where(jobs.c.state == "running").values(lease_until=func.now()))

    return die


async def test_an_upload_that_is_killed_in_the_middle_goes_on_and_makes_no_event_twice(
    organiser, uploads_file, applies, upload_worker, dies_at, told
):
    rows = [*(a_row(f"A{number}") for number in range(43)), *[a_row("", Titre="Sans référence")] * 2]
    upload = await uploads_file(as_csv(*rows), is_checked=False)
    await dies_at("in-upload-check:1")
    await upload_worker.run_due()
    checked = (await organiser.ask("GET", f"/v1/uploads/{upload['id']}")).json()
    assert (checked["state"], checked["counts"]["rows"]) == ("checked", 45)
    wanted = {"as": "submitted", "not_the_same": True}
    await organiser.ask("POST", f"/v1/uploads/{upload['id']}/application", wanted)
    await dies_at("in-upload:2")  # within a transaction: of its rows nothing was done
    assert len(await told()) == 20
    await upload_worker.run_due()
    again = await applies(await uploads_file(as_csv(*rows)))
    assert again["counts"]["outcome"] == {"unchanged": 45}
    submitted = [fact["event_id"] for _, fact in await told()]
    assert len(submitted) == len(set(submitted)) == 45


async def test_what_goes_beyond_the_measure_of_a_day_waits_and_comes_with_the_same_file_later(
    uploads_file, applies, rows_of, kept, engine, monkeypatch
):
    written = as_csv(*(a_row(f"A{number}") for number in range(5)))
    monkeypatch.setattr(quotas, "DRAFTS", Limit("drafts-of-organisation", 3, timedelta(days=1)))
    monkeypatch.setattr(quotas, "REVISIONS", Limit("revisions-of-organisation", 2, timedelta(days=1)))
    applied = await applies(await uploads_file(written))
    assert (applied["state"], applied["counts"]["outcome"]) == ("applied", {"submitted": 2, "drafted": 1, "left": 2})
    said = [row["said"] for row in await rows_of(applied)]
    waits = "Votre organisation a beaucoup écrit aujourd’hui : renvoyez ce fichier demain, pour ce qui reste."
    assert sorted(said, key=bool) == [None, None, waits, waits, waits]
    async with engine.begin() as tx:
        await tx.execute(delete(limits))  # a day goes by
    monkeypatch.undo()
    again = await applies(await uploads_file(written))
    assert again["counts"]["outcome"] == {"unchanged": 2, "submitted": 3}
    assert len(await kept()) == 5


async def test_a_row_that_looks_like_an_event_stays_a_draft_until_it_is_said_to_be_another(
    uploads_file, applies, rows_of, kept
):
    twins = as_csv(a_row("A1", Titre="Le temps des fondeurs"), a_row("A2", Titre="Le temps des fondeurs"))
    asked = await applies(await uploads_file(twins))
    assert asked["counts"]["outcome"] == {"submitted": 1, "drafted": 1}
    [said] = [row["said"] for row in await rows_of(asked) if row["said"]]
    assert said.startswith("Cet événement ressemble à un autre, le même jour au même endroit : ")
    assert "Le temps des fondeurs" in said
    told_apart = await applies(await uploads_file(twins), not_the_same=True)
    assert told_apart["counts"]["outcome"] == {"unchanged": 1, "submitted": 1}


async def test_a_file_that_has_shrunk_withdraws_nothing_unless_told_so_and_says_first_what_it_would(
    uploads_file, applies, told
):
    await applies(await uploads_file(as_csv(a_row("A1"), a_row("A2"), a_row("A3"))))
    await applies(await uploads_file(as_csv(a_row("B1")), series="autre"))
    shrunk = await uploads_file(as_csv(a_row("A1")))
    absent = [(one["external_id"], one["title"], one["is_submitted"]) for one in shrunk["absent"]]
    assert sorted(absent) == [("A2", "Visite A2", True), ("A3", "Visite A3", True)]
    assert (await applies(shrunk))["absent_total"] == 2
    assert [kind for kind, _ in await told()] == ["EventSubmitted"] * 4
    withdrawn = await applies(await uploads_file(as_csv(a_row("A1"))), withdraw_missing=True)
    assert (withdrawn["absent_total"], withdrawn["counts"]["outcome"]) == (0, {"unchanged": 1})
    assert [kind for kind, _ in await told()][4:] == ["EventWithdrawn"] * 2
    back = await applies(await uploads_file(as_csv(a_row("A1"), a_row("A2"))))
    assert back["counts"]["outcome"] == {"unchanged": 1, "submitted": 1}


async def test_what_a_file_has_no_column_for_stays_as_it_was(organiser, uploads_file, applies, kept):
    await applies(await uploads_file(as_csv(a_row("A1"))), how="drafts")
    [(event_id, _)] = (await kept()).values()
    draft = (await organiser.reads(str(event_id)))["draft"]
    pinned = {**draft["venue"], "position": {"longitude": -2.1, "latitude": 47.3, "is_confirmed": True}}
    by_hand = draft | {"website": "https://fonderie.example", "venue": pinned}
    assert (await organiser.ask("PUT", f"/v1/events/{event_id}", by_hand)).status_code == 200
    await applies(await uploads_file(as_csv(a_row("A1", Titre="Un autre titre"))), how="drafts")
    after = (await organiser.reads(str(event_id)))["draft"]
    assert (after["title"], after["website"]) == ("Un autre titre", "https://fonderie.example/")
    assert after["venue"]["position"]["is_confirmed"] is True
    await applies(await uploads_file(as_csv(a_row("A1", Adresse="1 quai des Forges"))), how="drafts")
    moved = (await organiser.reads(str(event_id)))["draft"]
    assert moved["venue"].get("position") is None


async def test_numbers_in_a_text_are_confirmed_for_all_rows_at_once(uploads_file, applies, rows_of):
    rows = [a_row("A1", Description="Appelez le 02 40 00 00 00 pour venir nous voir.")]
    asked = await applies(await uploads_file(as_csv(*rows)))
    assert asked["counts"]["outcome"] == {"drafted": 1}
    assert "02 40 00 00 00" in (await rows_of(asked))[0]["said"]
    confirmed = await applies(await uploads_file(as_csv(*rows)), confirmed=["description"])
    assert confirmed["counts"]["outcome"] == {"submitted": 1}


async def test_an_event_that_was_entered_by_hand_under_the_same_reference_is_the_same(organiser, uploads_file, a_draft):
    await organiser.drafts(a_draft(external_id="A1"))
    assert (await uploads_file(as_csv(a_row("A1"))))["counts"]["change"] == {"changed": 1}


async def test_colleagues_see_what_became_of_a_file_and_leave_what_is_done_with_it_to_who_sent_it(
    organiser, a_person, uploads_file, applies, engine
):
    upload = await uploads_file(as_csv(a_row("A1"), a_row("A2", Date="hier")))
    path, other = f"/v1/uploads/{upload['id']}", await a_person("paule@fonderie.example")
    assert (await other.ask("GET", path)).status_code == 404
    async with engine.begin() as tx:
        [paule] = await tx.scalars(select(accounts.c.id).where(accounts.c.email == other.email))
        [home] = await tx.scalars(select(uploads.c.organisation_id))
        await tx.execute(insert(members).values(organisation_id=home, account_id=paule, role="member"))
    seen, mine = [(await who.ask("GET", path)).json() for who in (other, organiser)]
    assert (seen.pop("is_mine"), mine.pop("is_mine"), seen == mine) == (False, True, True)
    rows = (await other.ask("GET", f"{path}/rows")).json()
    assert [row["outlook"] for row in rows] == ["ready", "faulty"]
    assert "hier" in (await other.ask("GET", f"{path}/report.csv")).text
    [listed] = (await other.ask("GET", "/v1/uploads")).json()["items"]
    assert (listed["id"], listed["is_mine"]) == (upload["id"], False)
    for method, door, body in (("POST", "/application", {"as": "drafts"}), ("DELETE", "", None)):
        refused = await other.ask(method, path + door, body)
        assert (refused.status_code, refused.json()["detail"]) == (403, LEFT_TO_OTHERS)
    assert (await applies(upload, "drafts"))["state"] == "applied"
    assert (await other.ask("GET", path)).json()["counts"]["outcome"] == {"drafted": 1, "left": 1}


async def test_the_same_reference_of_another_organisation_is_another_event(a_person, uploads_file, applies, kept):
    await applies(await uploads_file(as_csv(a_row("A1"))))
    other = await a_person("paul@forge.example")
    upload = await uploads_file(as_csv(a_row("A1", Titre="La nôtre")), who=other)
    assert upload["counts"]["change"] == {"new": 1}
    assert set(await kept()) == {"Visite A1"}


async def test_an_upload_is_its_senders_alone(a_person, organiser, uploads_file):
    upload = await uploads_file(as_csv(a_row("A1")))
    other = await a_person("paul@forge.example")
    path = f"/v1/uploads/{upload['id']}"
    for method, door, body in (
        ("GET", "", None), ("GET", "/rows", None), ("GET", "/report.xlsx", None), ("GET", "/report.csv", None),
        ("POST", "/application", {"as": "drafts"}), ("DELETE", "", None),
    ):  # fmt: skip
        answer = await other.ask(method, path + door, body)
        assert (answer.status_code, answer.json()["detail"]) == (404, "Aucun de vos envois ne porte cet identifiant.")
    assert (await other.ask("GET", "/v1/uploads")).json()["total"] == 0
    assert (await organiser.ask("GET", "/v1/uploads")).json()["items"][0]["id"] == upload["id"]
    assert (await organiser.ask("DELETE", path)).status_code == 204
    assert (await organiser.ask("GET", path)).status_code == 404


async def test_a_file_that_cannot_be_read_says_why_and_cannot_be_applied(organiser, uploads_file):
    upload = await uploads_file(b"nom;prix\nclou;3")
    assert (upload["state"], upload["next"]) == ("unreadable", ["Corrigez le fichier, puis envoyez-le à nouveau."])
    assert upload["problem"].startswith("Les titres des colonnes n’ont pas été reconnus.")
    answer = await organiser.ask("POST", f"/v1/uploads/{upload['id']}/application", {"as": "drafts"})
    assert (answer.status_code, answer.json()["title"]) == (409, "Envoi pas encore vérifié")


async def test_what_is_told_of_a_file_as_a_whole(uploads_file):
    headings = [*HEADINGS[:-1], "Remarques"]
    upload = await uploads_file(as_csv(a_row("EXEMPLE"), a_row("A1"), headings=headings))
    assert upload["notices"] == [
        "La colonne « Remarques » n’est pas connue : elle n’est pas lue.",
        "La ligne d’exemple du modèle n’est pas un événement : elle n’est pas lue.",
    ]
    assert upload["counts"]["rows"] == 1


async def test_no_more_than_three_files_of_one_account_wait(organiser, uploads_file):
    for _ in range(3):
        await uploads_file(as_csv(a_row("A1")), is_checked=False)
    answer = await organiser.client.post("/v1/uploads", files={"file": ("a.csv", b"x")}, headers=organiser.headers)
    assert (answer.status_code, answer.json()["title"]) == (409, "Envois en cours")


async def test_what_is_no_file_or_too_large_a_one_is_refused(client, organiser):
    for sent in ({"data": {"series": "x"}}, {"files": {"autre": ("a.csv", b"x")}}):
        answer = await client.post("/v1/uploads", headers=organiser.headers, **sent)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "file")
    headers = {**organiser.headers, "Content-Length": str(60 << 20), "Content-Type": "multipart/form-data; boundary=x"}
    answer = await client.post("/v1/uploads", headers=headers, content=b"x")
    assert (answer.status_code, answer.json()["detail"]) == (413, "Cet envoi dépasse 50 Mo ; raccourcissez-le.")
    assert (await client.post("/v1/uploads", files={"file": ("a.csv", b"x")})).status_code == 401


async def test_after_the_last_day_what_is_new_in_a_file_becomes_drafts_and_says_why(
    uploads_file, applies, rows_of, clock
):
    upload = await uploads_file(as_csv(a_row("A1")))
    clock.at = datetime(2026, 11, 17, 9, tzinfo=UTC)
    applied = await applies(upload)
    assert applied["counts"]["outcome"] == {"drafted": 1}
    [row] = await rows_of(applied)
    assert row["said"].startswith("Les inscriptions sont closes depuis la fin du ")


@pytest.fixture
def rules_say(service, organiser):
    """The rules of the label are asked, and answer so; what they were asked."""

    def say(answer):
        asked = []

        async def labelling(request):
            asked.append(request)
            return answer(json.loads(request.content))

        desk = service.http.state.desk
        rules = RulesOfLabelling("http://labelling:8000/", desk.signer, transport=httpx.MockTransport(labelling))
        object.__setattr__(desk, "rules", rules)
        return asked

    return say


async def test_the_rules_of_the_label_are_asked_about_each_row_that_could_be_submitted(
    rules_say, uploads_file, rows_of, service
):
    def answer(draft):
        met = {"code": "x", "message": "C’est bien.", "condition": "dates", "finding": "met"}
        doubt = {"code": "industry.none", "message": "Rien ne parle d’industrie.", "condition": "industry"}
        doubt |= {"finding": "doubtful", "hint": "Dites ce que l’on y fabrique."}
        is_ours = "A1" in draft["title"]
        label = "granted" if is_ours else "under_review"
        return httpx.Response(200, json={"label": label, "verdicts": [met] if is_ours else [met, doubt]})

    asked = rules_say(answer)
    upload = await uploads_file(as_csv(a_row("A1"), a_row("A2"), a_row("A3", Ville="")))
    assert upload["counts"]["assessment"] == {"granted": 1, "under_review": 1}
    assert [(row["assessment"], row["notes"]) for row in await rows_of(upload)] == [
        ("granted", []),
        ("under_review", ["Règles du label : Rien ne parle d’industrie. Dites ce que l’on y fabrique."]),
        (None, []),
    ]
    told = json.loads(asked[0].content)
    assert told["slots"] == [{"starts_at": "2026-11-17T09:00:00+01:00", "ends_at": "2026-11-17T11:30:00+01:00"}]
    read_by_rules = {"organisation", "title", "description", "kind", "audiences", "admission", "is_free", "slots"}
    assert told.keys() == read_by_rules
    assert asked[0].headers["Authorization"].startswith("Bearer ")


async def test_rules_that_are_away_are_told_and_keep_no_file_from_being_applied(rules_say, uploads_file, applies):
    rules_say(lambda _: httpx.Response(503))
    upload = await uploads_file(as_csv(a_row("A1")))
    assert (upload["state"], upload["counts"]["assessment"]) == ("checked", {})
    assert upload["notices"][-1].startswith("Les règles du label n’ont pas pu être consultées pour toutes les lignes.")
    assert (await applies(upload))["counts"]["outcome"] == {"submitted": 1}


def sheet_of(content: bytes):
    return openpyxl.load_workbook(io.BytesIO(content))["Événements"]


async def test_a_report_has_the_faults_in_their_cells_and_is_uploaded_again_when_it_is_mended(
    organiser, uploads_file, rows_of
):
    rows = [a_row("A1", Titre="=1+1 visite"), a_row("A2", Publics="martiens"), a_row("A3", Ville="")]
    upload = await uploads_file(as_csv(*rows))
    path = f"/v1/uploads/{upload['id']}/report"
    sheet = sheet_of((await organiser.ask("GET", f"{path}.xlsx")).content)
    publics = sheet["E3"]
    assert (publics.value, publics.fill.fgColor.rgb) == ("martiens", "FFFCE4E4")
    assert publics.comment.text.startswith("Choisissez parmi : « Tout public »")
    assert sheet["M4"].comment.text == "Indiquez la commune du lieu."
    assert (sheet["B2"].value, sheet["B2"].data_type, sheet["B2"].quotePrefix) == ("=1+1 visite", "s", True)
    assert [sheet.cell(row, 14).value.split("\n")[0] for row in (1, 2, 3, 4)] == [
        "À corriger", "Prêt à être déposé.", "À corriger : rien n’est gardé de cette ligne.",
        "Incomplet : peut être gardé comme brouillon.",
    ]  # fmt: skip
    sheet["E3"], sheet["M4"] = "familles", "Nantes"
    sheet.parent.save(mended := io.BytesIO())
    again = await uploads_file(mended.getvalue(), "compte-rendu.xlsx")
    assert again["counts"]["outlook"] == {"ready": 3}
    assert [row["title"] for row in await rows_of(again)] == ["=1+1 visite", "Visite A2", "Visite A3"]
    written = (await organiser.ask("GET", f"{path}.csv")).text
    assert "'=1+1 visite" in written
    assert (await uploads_file(written.encode()))["counts"]["outlook"] == {"ready": 1, "faulty": 1, "incomplete": 1}


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
async def test_the_template_is_read_as_it_is_written_and_its_example_is_no_event(client, uploads_file, kind):
    template = await client.get(f"/v1/uploads/template.{kind}")
    assert template.status_code == 200
    upload = await uploads_file(template.content)
    assert (upload["state"], upload["counts"]["rows"]) == ("checked", 0)
    assert upload["notices"] == ["La ligne d’exemple du modèle n’est pas un événement : elle n’est pas lue."]


async def test_a_row_that_is_typed_into_the_template_as_its_example_shows_is_an_event(client, uploads_file, rows_of):
    book = openpyxl.load_workbook(io.BytesIO((await client.get("/v1/uploads/template.xlsx")).content))
    sheet = book["Événements"]
    sheet["A2"] = "A1"
    lists = {min(cells.min_col for cells in one.sqref.ranges) for one in sheet.data_validations.dataValidation}
    named = {sheet.cell(1, column).value for column in lists}
    assert {"Publics", "Type d’événement", "Accès", "Gratuit", "Accessibilité", "Thèmes"} <= named
    assert book["Listes"].sheet_state == "hidden"
    book.save(filled := io.BytesIO())
    upload = await uploads_file(filled.getvalue())
    [row] = await rows_of(upload)
    assert (row["external_id"], row["outlook"], row["faults"]) == ("A1", "ready", [])
