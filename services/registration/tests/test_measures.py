"""In a crisis: the events of a region are called off, or held online, all at once."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text, update

from registration.commands import MEASURES
from registration.handlers import measures
from registration.store import events

EDITION = Path(__file__).parents[3] / "editions" / "2026.toml"
LYON = {"street": "12 rue de l’Industrie", "postcode": "69100", "city": "Villeurbanne"}
TWO_DAYS = [
    {"starts_at": "2026-11-17T09:00", "ends_at": "2026-11-17T11:30"},
    {"starts_at": "2026-11-20T09:00", "ends_at": "2026-11-20T11:30"},
]


@pytest.fixture
def command(settings, capsys):
    """One of the commands; what it says, line by line; the last is the sum."""

    async def run(name: str, *words: str) -> list[str]:
        capsys.readouterr()
        await MEASURES[name](settings.model_copy(update={"now": datetime(2026, 6, 2, 9, tzinfo=UTC)}), words)
        return capsys.readouterr().out.splitlines()

    return run


@pytest.fixture
async def two(a_person, a_draft):
    """A person, and two events of theirs: one at Villeurbanne (84), one at Montoir (52)."""
    person = await a_person()
    here, there = await person.drafts(a_draft(venue=LYON)), await person.drafts(a_draft())
    await person.submits(here)
    await person.submits(there)
    return person, here, there


def as_sum(said: list[str]):
    told = json.loads(said[-1])
    return {name: told[name] for name in ("told", "already", "left", "lost")}


def none(**but: int) -> dict[str, int]:
    return {"told": 0, "already": 0, "left": 0, "lost": 0} | but


async def test_a_dry_run_names_the_events_of_the_region_and_tells_nobody(command, two, told):
    _, here, _ = two
    before = await told()
    said = await command("bulk-cancel", "--region", "84", "--dry-run")
    assert said == [
        f"{here}  submitted  cancelled  2026-11-17  Fonderie de l’Erdre : Du métal en fusion à la pièce finie",
        "registration: bulk-cancel, edition 2026, 84 Auvergne-Rhône-Alpes, from the first day to the last:",
        "1 events would be told anew (1 submitted); 0 are so already; 0 are left; 0 are lost.",
        "Nobody was told. To do it: --apply in place of --dry-run",
    ]
    assert await told() == before


async def test_a_cancelled_event_is_told_once_with_why_and_its_organiser_reads_it(command, two, told):
    person, here, there = two
    words = ["--region", "84", "--note", "La préfecture ferme les sites.", "--apply", "--json"]
    assert as_sum(await command("bulk-cancel", *words)) == none(told=1)
    assert as_sum(await command("bulk-cancel", *words)) == none(already=1)
    kind, fact = (await told())[-1]
    assert len(await told()) == 3
    assert (kind, fact["event_id"], fact["revision"], fact["sequence"]) == ("EventSubmitted", here, 2, 2)
    event = fact["event"]
    assert (event["status"], event["status_note"]) == ("cancelled", "La préfecture ferme les sites.")
    assert [slot["status"] for slot in event["slots"]] == ["cancelled"]
    assert (await person.reads(here))["timeline"][-1]["text"] == (
        "Votre événement est annoncé aux visiteurs comme annulé. La préfecture ferme les sites."
    )
    assert (await person.reads(there))["revision"] == 1


async def test_what_its_organiser_has_not_submitted_yet_is_not_told_and_an_amendment_does_not_call_it_on_again(
    command, two, told, a_draft
):
    person, here, _ = two
    await person.ask("PUT", f"/v1/events/{here}", a_draft(venue=LYON, title="Un autre titre, pas encore déposé"))
    await command("bulk-cancel", "--region", "84", "--note", "Alerte neige.", "--apply")
    told_now = (await told())[-1][1]["event"]
    assert told_now["title"] == "Du métal en fusion à la pièce finie"
    assert (await person.reads(here))["is_changed"] is True
    await person.submits(here)
    amended = (await told())[-1][1]["event"]
    assert (amended["revision"], amended["title"], amended["status"], amended["status_note"]) == (
        3, "Un autre titre, pas encore déposé", "cancelled", "Alerte neige.",
    )  # fmt: skip


async def test_of_an_event_of_several_days_only_the_openings_of_the_crisis_are_cancelled(
    command, a_person, a_draft, told
):
    person = await a_person()
    event_id = await person.drafts(a_draft(slots=TWO_DAYS))
    await person.submits(event_id)
    said = await command("bulk-cancel", "--region", "52", "--from", "2026-11-16", "--to", "2026-11-18", "--apply")
    assert "  scheduled (1 of 2 openings cancelled)  " in said[0]
    event = (await told())[-1][1]["event"]
    assert (event["status"], [slot["status"] for slot in event["slots"]]) == ("scheduled", ["cancelled", "scheduled"])
    later = [{**TWO_DAYS[0], "starts_at": "2026-11-19T09:00", "ends_at": "2026-11-19T11:30"}, TWO_DAYS[1]]
    await person.ask("PUT", f"/v1/events/{event_id}", a_draft(slots=later))
    await person.submits(event_id)
    moved = (await told())[-1][1]["event"]
    assert [slot["status"] for slot in moved["slots"]] == ["scheduled", "scheduled"]


async def test_a_second_crisis_does_not_call_on_again_what_the_first_called_off(command, a_person, a_draft, told):
    person = await a_person()
    await person.submits(await person.drafts(a_draft(slots=TWO_DAYS)))
    for day in ("2026-11-17", "2026-11-20"):
        await command("bulk-cancel", "--region", "52", "--from", day, "--to", day, "--apply")
    event = (await told())[-1][1]["event"]
    assert (event["status"], {slot["status"] for slot in event["slots"]}) == ("cancelled", {"cancelled"})


async def test_events_are_moved_online_and_those_that_cannot_be_as_a_whole_are_left_and_named(
    command, two, a_person, a_draft, told
):
    person, here, _ = two
    in_part = await person.drafts(a_draft(title="La fonte, deux jours durant", venue=LYON, slots=TWO_DAYS))
    await person.submits(in_part)
    words = ["--region", "84", "--to", "2026-11-18", "--note", "Le lien arrive par courriel.", "--apply"]
    said = await command("move-online", *words)
    assert f"{in_part}  submitted  left: it also opens on other days" in "\n".join(said)
    assert said[-1].startswith("1 events were told anew (1 submitted); 0 are so already; 1 are left;")
    event = (await told())[-1][1]["event"]
    assert (event["event_id"], event["status"], event["status_note"]) == (
        here, "moved_online", "Le lien arrive par courriel.",
    )  # fmt: skip
    assert (await person.reads(here))["timeline"][-1]["text"] == (
        "Votre événement est annoncé aux visiteurs comme déplacé en ligne. Le lien arrive par courriel."
    )


async def test_what_was_called_off_by_mistake_takes_place_after_all(command, two, told):
    _, here, _ = two
    await command("bulk-cancel", "--region", "84", "--apply")
    assert as_sum(await command("bulk-reinstate", "--region", "84", "--apply", "--json")) == none(told=1)
    event = (await told())[-1][1]["event"]
    assert (event["event_id"], event["revision"], event["status"], event["status_note"]) == (here, 3, "scheduled", None)
    assert as_sum(await command("bulk-reinstate", "--region", "84", "--apply", "--json")) == none()
    assert as_sum(await command("bulk-cancel", "--region", "84", "--apply", "--json")) == none(told=1)


async def test_events_that_were_taken_back_of_another_edition_or_over_are_not_told(command, two, told, settings):
    person, here, _ = two
    await person.ask("POST", f"/v1/events/{here}/withdrawal")
    number = len(await told())
    assert as_sum(await command("bulk-cancel", "--region", "84", "--apply", "--json")) == none()
    assert as_sum(await command("bulk-cancel", "--region", "52", "--edition", "2020", "--apply", "--json")) == none()
    assert as_sum(await command("bulk-cancel", "--region", "52", "--from", "2026-11-18", "--apply", "--json")) == none()
    after = settings.model_copy(update={"now": datetime(2026, 11, 17, 12, tzinfo=UTC)})
    await MEASURES["bulk-cancel"](after, ["--region", "52", "--apply"])
    assert len(await told()) == number
    assert as_sum(await command("bulk-cancel", "--region", "11", "52", "--dry-run", "--json")) == none(told=1)


async def test_an_event_that_todays_rules_would_refuse_is_called_off_all_the_same(command, two, told, engine):
    _, here, _ = two
    intranet = text("jsonb_set(submitted_draft, '{website}', '\"http://intranet/visites\"')")
    async with engine.begin() as tx:
        await tx.execute(update(events).where(events.c.id == here).values(submitted_draft=intranet))
    assert as_sum(await command("bulk-cancel", "--region", "84", "--apply", "--json")) == none(told=1)
    event = (await told())[-1][1]["event"]
    assert (event["website"], event["status"]) == ("http://intranet/visites", "cancelled")


async def test_an_event_whose_text_was_lost_is_named_and_the_command_ends_with_1(command, two, told, engine, capsys):
    _, here, _ = two
    async with engine.begin() as tx:
        await tx.execute(text("UPDATE events SET submitted_draft = NULL WHERE id = :id"), {"id": here})
    with pytest.raises(SystemExit) as ended:
        await command("bulk-cancel", "--region", "84", "--apply")
    assert ended.value.code == 1
    assert f"{here}  submitted  lost: what was submitted cannot be read" in capsys.readouterr().out


async def test_what_is_submitted_while_it_runs_counts(command, two, told, a_draft, monkeypatch):
    person, here, _ = two
    read = measures._some_events

    async def read_and_meanwhile(*about):
        found = await read(*about)
        if found:
            await person.ask("PUT", f"/v1/events/{here}", a_draft(venue=LYON, title="Changé entre-temps"))
            await person.submits(here)
        return found

    monkeypatch.setattr(measures, "_some_events", read_and_meanwhile)
    await command("bulk-cancel", "--region", "84", "--apply")
    event = (await told())[-1][1]["event"]
    assert (event["revision"], event["title"], event["status"]) == (3, "Changé entre-temps", "cancelled")


async def test_killed_half_way_and_begun_again_each_event_is_told_once(settings, a_person, a_draft, told):
    person = await a_person()
    ids = [await person.drafts(a_draft(title=f"Visite numéro {number}")) for number in range(12)]
    for event_id in ids:
        await person.submits(event_id)
    environ = {
        **os.environ,
        "DATABASE_URL": settings.database_url.get_secret_value(),
        "SIGNING_KEY": settings.signing_key.get_secret_value(),
        "KAFKA_BOOTSTRAP_SERVERS": "h:1",
        "EDITION": str(EDITION),
        "NOW": "2026-06-02T09:00:00Z",
        "MAIL_URL": "memory:",
        "PUBLIC_URL": "https://inscription.example/",
    }
    program = (
        "from registration import app; from registration.handlers import measures; measures.AT_ONCE = 5;"
        "import sys; sys.argv = ['registration', 'bulk-cancel', '--region', '52', '--apply']; app.main()"
    )

    async def run(**more: str) -> subprocess.CompletedProcess[str]:
        words = [sys.executable, "-c", program]
        return await asyncio.to_thread(
            subprocess.run, words, env={**environ, **more}, capture_output=True, text=True, timeout=180
        )

    assert (await run(SDI_FAILPOINT="in-measures:2")).returncode == 137
    assert len(await told()) == 12 + 5  # the first lot; of the second nothing
    done = await run()
    assert done.returncode == 0, done.stderr
    assert "7 events were told anew (7 submitted); 5 are so already;" in done.stdout
    new = [(fact["event_id"], fact["revision"], fact["event"]["status"]) for _, fact in (await told())[12:]]
    assert sorted(new) == sorted((event_id, 2, "cancelled") for event_id in ids)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--dry-run"], "the following arguments are required: --region"),
        (["--region", "84"], "one of the arguments --dry-run --apply is required"),
        (["--region", "99", "--apply"], "no region has the code 99; those there are: 00 en ligne, 01 Guadeloupe"),
        (["--region", "84", "--from", "2026-11-18", "--to", "2026-11-16", "--apply"], "--to is a day before --from"),
        (["--region", "84", "--note", "x" * 501, "--apply"], "--note: "),
        (["--region", "84", "--note", "\u200b!", "--apply"], "--note: "),
    ],
)
async def test_what_cannot_be_meant_is_refused_with_a_line(command, capsys, words, said):
    with pytest.raises(SystemExit) as ended:
        await command("bulk-cancel", *words)
    assert ended.value.code == 2
    assert said in capsys.readouterr().err
