"""The rules, or the window of the edition, have changed: whose label changes, and what is told."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select

from backbone.contracts import Correction, EventWithdrawn
from backbone.http.access import Caller
from backbone.postgres.database import jobs
from labelling import rejudgement
from labelling.appeals import appeal
from labelling.commands import rejudge, verify
from labelling.domain.lexicon import use_lexicons
from labelling.domain.ruleset import ruleset
from labelling.reviews import ask_correction, settle_review
from labelling.settings import Settings
from labelling.store import cases

EDITION = Path(__file__).parents[3] / "editions" / "2026.toml"
A_REVIEWER = Caller(uuid4(), "reviewer", frozenset({"84"}), "DREETS")
NEXT_YEAR = [{"starts_at": "2026-12-08T09:00:00+01:00", "ends_at": "2026-12-08T12:30:00+01:00"}]


@pytest.fixture
def window(tmp_path) -> Callable[[str, str], Path]:
    """The edition with another window."""

    def make(first: str, last: str) -> Path:
        told = EDITION.read_text()
        there = r"(\[labelling_window\][^\n]*\n)first = \S+\nlast = \S+\n"
        assert re.search(there, told)
        file = tmp_path / "2026.toml"
        file.write_text(re.sub(there, rf"\1first = {first}\nlast = {last}\n", told))
        return file

    return make


@pytest.fixture
def command(engine, capsys):
    """`labelling rejudge`: what it says, line by line; the last is the sum."""

    async def run(*words: object, edition: Path = EDITION, lexicons: Path | None = None) -> list[str]:
        url = engine.url.render_as_string(hide_password=False)
        told = {"kafka_bootstrap_servers": "h:1", "jwks_url": "http://127.0.0.1:1/", "now": "2026-03-03T09:00:00Z"}
        settings = Settings(database_url=url, edition=edition, lexicons=lexicons, **told)
        capsys.readouterr()
        await rejudge(settings, ["--edition", "2026", *map(str, words)])
        said = capsys.readouterr().out.splitlines()
        await verify(settings, [])
        return said

    return run


@pytest.fixture
def lexicons(tmp_path) -> Iterator[Callable[[str], Path]]:
    """A folder with one file, by which these words say that a door is closed."""

    def make(closed: str) -> Path:
        words = f'concern = "access"\nsource = "Avis du comité"\n[closed]\nfamily = "closed"\nterms = "{closed}"\n'
        (tmp_path / "comite.toml").write_text(words)
        return tmp_path

    yield make
    use_lexicons(None)


@pytest.fixture
def as_if_by_other_rules(service, monkeypatch):
    """Changes what the rules say of an event, as another lexicon would."""

    def change(saying) -> None:
        real = rejudgement.judge

        def judge(event, edition):
            return saying(event, real(event, edition))

        monkeypatch.setattr(rejudgement, "judge", judge)

    return change


def as_sum(said: list[str]):
    return json.loads(said[-1])


def lines(said: list[str]):
    return [json.loads(line) for line in said[:-1]]


async def test_a_narrower_window_is_shown_first_with_whose_label_would_go_and_why_and_nobody_is_told(
    hear, told, command, window, an_event, submitted
):
    inside, outside = an_event(), an_event(title="Fonderie : deux jours trop tard")
    late = [{"starts_at": "2026-11-21T09:00:00+01:00", "ends_at": "2026-11-21T12:30:00+01:00"}]
    outside = outside.model_copy(update={"slots": an_event(slots=late).slots})
    await hear(submitted(inside), submitted(outside))
    before = await told()
    said = await command("--dry-run", edition=window("2026-11-16", "2026-11-20"))
    assert said[0] == f"{outside.event_id}  revision 1  granted → refused  Fonderie : deux jours trop tard"
    assert said[1].startswith(
        "    dates-outside-window: L’événement doit avoir lieu dans la période, du 16 au 20\N{NO-BREAK SPACE}novembre"
    )
    assert said[-3:] == [
        f"labelling: edition 2026, its window 2026-11-16 to 2026-11-20, rules {ruleset()}:",
        "2 events were judged again; 1 would be told a new decision (1 granted → refused); "
        "0 are left as a person decided.",
        f"Nobody was told. To do it: --apply --rules {ruleset()}",
    ]
    assert await told() == before


async def test_it_is_decided_and_told_once_however_often_it_is_asked(hear, told, command, window, an_event, submitted):
    event = an_event()
    await hear(submitted(event), submitted(an_event(slots=NEXT_YEAR)))
    before = len(await told())
    moved = window("2026-12-07", "2026-12-11")
    said = await command("--apply", "--json", edition=moved)
    assert as_sum(said) == {
        "edition": "2026", "rules": ruleset(), "applied": True, "read": 2, "left": 0,
        "told": {"granted → refused": 1, "refused → granted": 1},
    }  # fmt: skip
    new = [(kind, fact["decided_by"], fact["automated"], fact["sequence"]) for kind, fact in (await told())[before:]]
    assert sorted(new) == [("EventLabelled", "rejudgement", True, 2), ("EventRejected", "rejudgement", True, 2)]
    [gone] = [fact for kind, fact in (await told())[before:] if kind == "EventRejected"]
    assert (gone["event_id"], gone["had_label"], gone["revision"]) == (str(event.event_id), True, 1)
    assert as_sum(await command("--apply", "--json", edition=moved))["told"] == {}
    assert len(await told()) == before + 2
    [(kind, mended)] = await hear(submitted(event.model_copy(update={"revision": 2})))
    assert (kind, mended["sequence"], mended["supersedes"]) == ("EventLabelled", 3, gone["decision_id"])


async def test_what_a_person_settled_is_not_undone_by_other_rules_and_is_shown(
    hear, told, service, command, as_if_by_other_rules, a_doubtful_event, submitted
):
    given, refused = a_doubtful_event(), a_doubtful_event()
    await hear(submitted(given), submitted(refused))
    desk = service.http.state.desk
    await settle_review(desk, given.event_id, 1, {}, A_REVIEWER)
    await settle_review(desk, refused.event_id, 1, {"public": "Cet événement est réservé à vos clients."}, A_REVIEWER)
    before = await told()

    def otherwise(event, verdicts):
        finding = "not_met" if event.event_id == given.event_id else "met"  # of what they were asked, who may come
        return tuple(v.model_copy(update={"finding": finding}) if v.condition == "public" else v for v in verdicts)

    assert lines(await command("--apply", "--json")) == []  # that the rules doubt what a person settled is nothing new
    as_if_by_other_rules(otherwise)
    said = await command("--apply", "--json")
    assert {(line["event"], line["standing"], line["after"]) for line in lines(said)} == {
        (str(given.event_id), "left", "refused"),
        (str(refused.event_id), "left", "granted"),
    }
    assert (as_sum(said)["left"], await told()) == (2, before)


async def test_a_label_by_a_person_that_the_window_itself_rules_out_goes_to_a_person_and_is_kept_until_then(
    hear, told, service, engine, command, window, a_doubtful_event, submitted
):
    event = a_doubtful_event()
    await hear(submitted(event))
    desk, moved = service.http.state.desk, window("2026-12-07", "2026-12-11")
    await settle_review(desk, event.event_id, 1, {}, A_REVIEWER)
    assert as_sum(await command("--apply", "--json", edition=moved))["told"] == {"granted → under_review": 1}
    kind, asked = (await told())[-1]
    assert (kind, asked["decided_by"], asked["region"], asked["had_label"]) == (
        "ReviewRequested", "rejudgement", "84", True,
    )  # fmt: skip
    [doubt] = [verdict for verdict in asked["verdicts"] if verdict["finding"] != "met"]
    assert (doubt["code"], doubt["message"]) == (
        "dates-window-changed",
        "L’événement doit avoir lieu dans la période, du 7 au 11\N{NO-BREAK SPACE}décembre 2026.",
    )
    async with engine.connect() as tx:
        assert await tx.scalar(select(cases.c.granted)) == 1
    assert as_sum(await command("--apply", "--json", edition=moved))["told"] == {}  # nor is it refused by the rules
    await settle_review(desk, event.event_id, 1, {}, A_REVIEWER)
    number = len(await told())
    assert as_sum(await command("--apply", "--json", edition=moved))["told"] == {}  # they were asked, and answered
    assert len(await told()) == number


async def test_a_label_by_a_person_goes_to_a_person_where_new_rules_refuse_what_this_person_had_no_doubt_to_settle(
    hear, told, service, engine, command, as_if_by_other_rules, a_doubtful_event, submitted
):
    event = a_doubtful_event()
    await hear(submitted(event))
    desk = service.http.state.desk
    await settle_review(desk, event.event_id, 1, {}, A_REVIEWER)
    as_if_by_other_rules(
        lambda _, found: tuple(
            one.model_copy(update={"finding": "not_met", "message": "Votre texte parle de loisirs."})
            if one.condition in ("industry", "public")
            else one
            for one in found
        )
    )
    said = await command("--dry-run")
    assert said[0].endswith("granted by review → under_review, for a person  La coulée, côté pont roulant")
    assert said[1].startswith("    industry-rules-changed: Votre texte parle de loisirs. (« coulée »")
    assert as_sum(await command("--apply", "--json"))["told"] == {"granted → under_review": 1}
    kind, asked = (await told())[-1]
    assert (kind, asked["decided_by"], asked["had_label"]) == ("ReviewRequested", "rejudgement", True)
    [doubt] = [verdict for verdict in asked["verdicts"] if verdict["finding"] != "met"]
    assert (doubt["code"], doubt["message"], doubt["hint"]) == (
        "industry-rules-changed",
        "Votre texte parle de loisirs.",
        "Les règles ont changé depuis qu’une personne a décidé : une personne regarde de nouveau.",
    )
    async with engine.connect() as tx:
        assert await tx.scalar(select(cases.c.granted)) == 1
    assert as_sum(await command("--apply", "--json"))["told"] == {}  # nor is it refused by the rules meanwhile
    await settle_review(desk, event.event_id, 1, {}, A_REVIEWER)
    assert as_sum(await command("--apply", "--json"))["told"] == {}  # they were asked, and answered


async def test_a_changed_lexicon_is_tried_on_all_that_was_decided_and_then_decides_without_a_release(
    hear, told, service, command, lexicons, an_event, submitted
):
    words = (
        "Visite de l’usine et rencontre avec les fondeurs, pour les compagnons du cubilot et la confrérie du creuset."
    )
    closed = an_event(description=words)
    await hear(submitted(closed), submitted(an_event()))
    before, of_today, changed = await told(), ruleset(), lexicons("compagnons du cubilot, confrérie du creuset")
    said = await command("--dry-run", "--lexicons", changed)
    assert said[:2] == [
        f"{closed.event_id}  revision 1  granted → refused  {closed.title}",
        "    public-reserved: Votre texte indique «\u00a0compagnons du cubilot\u00a0» "
        "et «\u00a0confrérie du creuset\u00a0». (« compagnons du cubilot », « confrérie du creuset »)",
    ]
    by = said[-1].rpartition(" ")[2]
    assert said[-1] == f"Nobody was told. To do it: --apply --rules {by}"
    assert (by == of_today, await told()) == (False, before)

    with pytest.raises(SystemExit, match=f"the rules here are {of_today}, not {by}: look at a dry run"):
        await command("--apply", "--rules", by)  # somebody who was not told of the folder
    tried = await command("--apply", "--json", "--rules", by, lexicons=changed)
    assert as_sum(tried)["told"] == {"granted → refused": 1}
    assert [(kind, fact["ruleset"]) for kind, fact in (await told())[len(before) :]] == [("EventRejected", by)]


async def test_a_doubt_that_the_rules_no_longer_have_is_cleared_and_one_that_stays_keeps_its_clock(
    hear, told, command, as_if_by_other_rules, a_doubtful_event, submitted
):
    clear, doubtful = a_doubtful_event(), a_doubtful_event()
    await hear(submitted(clear), submitted(doubtful))
    before = len(await told())

    def surer(event, verdicts):
        changes = {"finding": "met"} if event.event_id == clear.event_id else {"code": "public-otherwise-unclear"}
        return tuple(verdict.model_copy(update=changes) for verdict in verdicts)

    as_if_by_other_rules(surer)
    assert as_sum(await command("--apply", "--json"))["told"] == {"under_review → granted": 1}
    assert [(kind, fact["event_id"]) for kind, fact in (await told())[before:]] == [
        ("EventLabelled", str(clear.event_id))
    ]


async def test_a_label_that_the_rules_come_to_doubt_is_kept_while_a_person_looks(
    hear, told, engine, command, as_if_by_other_rules, an_event, submitted
):
    await hear(submitted(an_event()))
    as_if_by_other_rules(lambda _, found: tuple(one.model_copy(update={"finding": "doubtful"}) for one in found))
    assert as_sum(await command("--apply", "--json"))["told"] == {"granted → under_review": 1}
    assert (await told())[-1][0] == "ReviewRequested"
    async with engine.connect() as tx:
        assert (await tx.execute(select(cases.c.label, cases.c.granted))).one() == ("under_review", 1)
        assert list(await tx.scalars(select(jobs.c.kind))) == ["deadline"]


async def test_what_people_have_in_hand_is_theirs_a_correction_asked_for_and_an_appeal(
    hear, told, service, command, as_if_by_other_rules, an_event, a_doubtful_event, submitted
):
    appealed, corrected = an_event(is_free=False), a_doubtful_event()
    await hear(submitted(appealed), submitted(corrected))
    desk = service.http.state.desk
    organiser = Caller(appealed.organiser_id, "organiser", frozenset(), appealed.organisation)
    await appeal(desk, appealed.event_id, 1, "Personne ne paie rien.", organiser)
    correction = Correction(kind="incomplete", message="Dites qui peut venir.")
    await ask_correction(desk, corrected.event_id, 1, correction, A_REVIEWER)
    before = await told()
    as_if_by_other_rules(lambda _, found: tuple(one.model_copy(update={"finding": "met"}) for one in found))
    assert {(line["event"], line["standing"]) for line in lines(await command("--apply", "--json"))} == {
        (str(appealed.event_id), "left"),
        (str(corrected.event_id), "left"),
    }
    assert await told() == before


async def test_who_is_refused_for_another_condition_is_told_which(
    hear, told, command, as_if_by_other_rules, an_event, submitted
):
    await hear(submitted(an_event(is_free=False)))
    findings = {"free": "met", "public": "not_met"}
    as_if_by_other_rules(
        lambda _, found: tuple(one.model_copy(update={"finding": findings.get(one.condition, "met")}) for one in found)
    )
    assert as_sum(await command("--apply", "--json"))["told"] == {"refused → refused": 1}
    assert as_sum(await command("--apply", "--json"))["told"] == {}


async def test_events_of_other_editions_called_off_or_taken_back_are_left_alone(
    hear, told, command, window, an_event, submitted
):
    gone = an_event()
    of_another = [{"starts_at": "2020-11-17T09:00:00+01:00", "ends_at": "2020-11-17T12:00:00+01:00"}]
    await hear(submitted(an_event(edition="2020", slots=of_another)), submitted(an_event(status="cancelled")))
    about = {"event_id": gone.event_id, "revision": 2, "sequence": 2, "edition": "2026"}
    await hear(submitted(gone), EventWithdrawn(**about, withdrawn_at="2026-03-09T00:00:00Z"))
    before = await told()
    said = await command("--apply", "--json", edition=window("2026-12-07", "2026-12-11"))
    assert (as_sum(said)["read"], as_sum(said)["told"], await told()) == (1, {}, before)


async def test_what_is_decided_while_it_runs_counts(
    hear, told, engine, command, window, an_event, submitted, monkeypatch
):
    """An organiser moves their event between the reading of a lot and the lock."""
    event, read = an_event(), rejudgement._some_cases
    await hear(submitted(event))

    async def read_and_meanwhile(*about):
        found = await read(*about)
        if found:
            await hear(submitted(event.model_copy(update={"revision": 2, "is_free": False})))
        return found

    monkeypatch.setattr(rejudgement, "_some_cases", read_and_meanwhile)
    assert as_sum(await command("--apply", "--json", edition=window("2026-12-07", "2026-12-11")))["told"] == {
        "refused → refused": 1
    }
    assert [(kind, fact["revision"], fact["sequence"]) for kind, fact in await told()] == [
        ("EventLabelled", 1, 1),
        ("EventRejected", 2, 2),
        ("EventRejected", 2, 3),
    ]


async def test_killed_half_way_and_begun_again_each_event_is_told_once(hear, told, engine, window, an_event, submitted):
    events = [an_event() for _ in range(25)]
    await hear(*map(submitted, events))
    environ = {
        **os.environ,
        "DATABASE_URL": engine.url.render_as_string(hide_password=False),
        "KAFKA_BOOTSTRAP_SERVERS": "h:1",
        "JWKS_URL": "http://127.0.0.1:1/",
        "EDITION": str(window("2026-12-07", "2026-12-11")),
    }
    program = (
        "from labelling import app, rejudgement; rejudgement.AT_ONCE = 10;"
        "import sys; sys.argv = ['labelling', 'rejudge', '--edition', '2026', '--apply']; app.main()"
    )

    async def run(**more: str) -> subprocess.CompletedProcess[str]:
        words = [sys.executable, "-c", program]
        return await asyncio.to_thread(
            subprocess.run, words, env={**environ, **more}, capture_output=True, text=True, timeout=180
        )

    killed = await run(SDI_FAILPOINT="in-rejudgement:2")
    assert killed.returncode == 137
    assert len(await told()) == 25 + 10  # the first lot; of the second nothing
    done = await run()
    assert (done.returncode, done.stderr) == (0, "")
    assert "25 events were judged again; 15 were told a new decision (15 granted → refused)" in done.stdout
    new = [(kind, fact["event_id"], fact["sequence"]) for kind, fact in (await told())[25:]]
    assert sorted(new) == sorted(("EventRejected", str(event.event_id), 2) for event in events)


async def test_it_takes_no_more_memory_or_locks_than_a_lot(
    hear, engine, window, an_event, submitted, monkeypatch, command
):
    monkeypatch.setattr(rejudgement, "AT_ONCE", 3)
    await hear(*(submitted(an_event()) for _ in range(10)))
    lots = []
    load = rejudgement.store.CASES.load

    async def note(tx, keys):
        lots.append(len(keys))
        return await load(tx, keys)

    monkeypatch.setattr(rejudgement.store.CASES, "load", note)
    await command("--apply", edition=window("2026-12-07", "2026-12-11"))
    assert lots == [3, 3, 3, 1]


async def test_by_other_rules_than_those_of_the_dry_run_nothing_is_done(command, hear, told, an_event, submitted):
    await hear(submitted(an_event()))
    with pytest.raises(SystemExit, match=f"the rules here are {ruleset()}, not 0123456789ab: look at a dry run"):
        await command("--apply", "--rules", "0123456789ab")
    assert as_sum(await command("--apply", "--json", "--rules", ruleset()))["read"] == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--edition", "2031", "--dry-run"], "nothing is known here of an edition 2031; of these it is: 2020, 2026"),
        (["--edition", "2026"], "2"),
        (["--edition", "2026", "--apply", "--dry-run"], "2"),
        (["--edition", "2026", "--apply", "--lexicons", "/tmp"], "2"),
        (
            ["--edition", "2026", "--dry-run", "--lexicons", "/nowhere"],
            "the lexicons cannot be used: /nowhere is no folder",
        ),
    ],
)
async def test_what_cannot_be_meant_is_refused_with_a_line(command, words, said):
    with pytest.raises(SystemExit) as ended:
        await command(*words)
    assert said in str(ended.value.code)
