"""What the runbook and the other documents say is done on a running stack, word for word."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from confluent_kafka import Producer
from pydantic import SecretStr

from backbone.contracts import EventSubmitted, canary
from backbone.kafka.cluster import Cluster
from backbone.service.settings import ServiceSettings
from backbone.testing.scraped import read
from backbone.testing.waiting import until
from local_stack.health import not_ready
from local_stack.keys import kept_keys
from local_stack.organisers import Organiser
from local_stack.places import where_things_are
from local_stack.program import Program, patient_client
from provision.kafka_client import client_options
from registration.settings import Settings

pytestmark = pytest.mark.timeout(900)  # the first of them starts five services and waits for a whole edition

ROOT = Path(__file__).parents[1]
LEXICONS = ROOT / "services" / "labelling" / "src" / "labelling" / "lexicons"
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text()
COMMANDS = re.findall(r"^make .*?(?=\s*#|$)", "\n".join(re.findall(r"```sh\n(.*?)```", RUNBOOK, re.S)), re.M)
SAYS = {
    "lag": r"map-feed",
    "topics": r"registration\.organisers",
    "explain": r"Is it on the map\? yes",
    "edition check": r"42 mails, 3 pieces of the kit and 2 pages were made for it, and read\.\nNothing is wrong\.",
    "explain ca9a5100": r"Is it on the map\? no\n +it is the canary, which is shown to nobody\n +its pin is in Paris",
    "mail preview": r"not-labelled +Votre événement n’est pas labellisé en l’état",
    "events show": r"EventSubmitted",
    "dead-letters list": r"geocoding",
    "dead-letters show": r"registration\.events",
    "dead-letters discard": r"1 dead letter discarded\.",
    "rebuild map-feed --compare-only": r"They agree\.",
    "rebuild map-feed": r"They agree\.",
    "commskit jobs": r"kit .* the mailbox is full",
    "commskit jobs retry": r"is waiting again",
    "map-feed webhooks list": r"there are no webhooks",
    "labelling verify": r"decisions on \d+ events are as they were told: \d+ in all",
    "labelling rejudge --edition 2026 --dry-run": r"Nobody was told\. To do it: --apply --rules [0-9a-f]{12}",
    "labelling rejudge --edition 2026 --lexicons": r"0 would be told a new decision;.*\nNobody was told\. To do it:",
    "labelling rejudge --edition 2026 --apply": r"events were judged again; 0 were told a new decision;",
    "events bulk-cancel": r"^\d+ events would be told anew.*\nNobody was told",
    "events move-online": r"^\d+ events would be told anew.*\nNobody was told",
    "events bulk-reinstate": r"^0 events would be told anew; 0 are so already; 0 are left; 0 are lost\.$",
    "registration grant": "",
    "registration switch": r"^read-only: off\nno-new-accounts: off\nno-mail: off\npace-mailing: off\n",
    "registration switch read-only on": r"^read-only: on since .*« Retour à midi\. »$",
    "commskit switch no-mail on": r"^no-mail: on since",
    "commskit switch no-mail off": r"^no-mail: off$",
    "geocoding switch pace-look-up 30": r"^pace-look-up: 30 a minute and replica since",
    "geocoding switch pace-look-up off": r"^pace-look-up: off$",
    "registration erase": "",
    "psql": r"^ *pid .* waits_for ",
    "psql ARGS=labelling -c": r"^ pg_terminate_backend ",
    "restart": r"^labelling has ended after .*; the stack starts it again$",
    "code": r"^\d{6}$",
    "token": r"^[\w-]+\.[\w-]+\.[\w-]+$",
    "analyst": r"sasl\.mechanism=SCRAM-SHA-512",
}
"""What each command answers, by the longest beginning."""


def told(stack: Any, who: str) -> dict[str, str]:
    settings: dict[str, str] = stack.places.settings()[who]
    return settings


@pytest.fixture(scope="module", name="told")
def a_canary() -> Mapping[str, str]:
    """One canary, at the beginning."""
    return {"CANARY_EVERY_SECONDS": "900"}


def make(stack: Any, command: str, given: str = "") -> subprocess.CompletedProcess[str]:
    environ = {**from_a_terminal(), "LOCAL_STACK": str(stack.places.state), "COLUMNS": "300"}
    return subprocess.run(command, shell=True, cwd=ROOT, env=environ, input=given, capture_output=True, text=True)


def from_a_terminal() -> dict[str, str]:
    """The environment without what the `make test` around us adds: within another, make says where it works."""
    return {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}


@pytest.fixture(scope="module")
def set_aside(stack: Any) -> str:
    """A message that nobody can read, as geocoding's dead letter: its service, partition and offset."""
    admin = json.loads((stack.places.state / "kafka.json").read_text())["passwords"]["admin"]
    cluster = Cluster(told(stack, "operator")["KAFKA_BOOTSTRAP_SERVERS"], "admin", SecretStr(admin), "PLAIN")
    producer = Producer(client_options(cluster))
    headers = [("ce_id", b"1"), ("ce_type", EventSubmitted.ce_type.encode())]
    producer.produce("registration.events", b"{", key=str(uuid4()), headers=headers)
    assert producer.flush(30) == 0

    async def wait() -> str:
        found: list[dict[str, Any]] = []

        async def is_listed() -> bool:
            answer = await asyncio.to_thread(
                make, stack, 'make sdi ARGS="dead-letters list --service geocoding --json"'
            )
            found[:] = json.loads(answer.stdout or "[]")
            return bool(found)

        await until("the message is listed", is_listed, 180.0)
        return f"geocoding {found[0]['partition']} {found[0]['offset']}"

    return asyncio.run(wait())


@pytest.fixture(scope="module")
def dead_job(stack: Any) -> None:
    """A kit that could not be mailed."""
    row = "INSERT INTO jobs (kind, key, payload, state, last_error, finished_at, traceparent)"
    payload = "jsonb_build_object('kit_id', $1::text, 'event_id', $1::text, 'revision', 1)"
    row += f" VALUES ('kit', $1::text, {payload}, 'dead', 'mail-refused: the mailbox is full', now(), '')"

    async def write() -> None:
        url = told(stack, "commskit")["DATABASE_URL"].replace("+asyncpg", "")
        connection = await asyncpg.connect(url)
        await connection.execute(row, str(uuid4()))
        await connection.close()

    asyncio.run(write())


def test_a_start_says_where_everything_is_and_there_it_is(stack: Any) -> None:
    said = stack.places.log.read_text()
    where = where_things_are(stack.places)
    assert [what for what, place in where.items() if f"{what:<20}{place}" not in said] == []
    places = [place.split()[0] for place in where.values() if place.startswith("http")]
    # the reviewers' desk has one sign in first
    assert [httpx.get(place, follow_redirects=True).status_code for place in places] == [200] * 5


def test_who_watches_the_stack_looks_at_all_five_services(stack: Any) -> None:
    environ = {**from_a_terminal(), "LOCAL_STACK": str(stack.places.state)}
    watching = subprocess.Popen(
        ["make", "watch"], cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        assert watching.stdout
        where = re.search(r"Prometheus answers at (http://[\d.:]+)/api", watching.stdout.readline())
        assert where

        async def looks_at_all() -> bool:
            async with httpx.AsyncClient(base_url=where[1]) as client:
                targets = (await client.get("/api/v1/targets")).json()["data"]["activeTargets"]
            return {target["labels"]["job"] for target in targets} == set(stack.places.health_addresses())

        asyncio.run(until("Prometheus looks at all", looks_at_all, 60.0))
        rules = httpx.get(f"{where[1]}/api/v1/rules").json()["data"]["groups"]
        assert {group["name"] for group in rules} == {"agree", "alerts", "canary", "records", "targets"}
    finally:
        os.killpg(watching.pid, signal.SIGTERM)
        watching.communicate(timeout=180)


def test_the_canary_came_to_every_stage_and_visitors_and_analysts_do_not_see_it(stack: Any) -> None:
    def stages() -> dict[str, float]:
        found: dict[str, float] = {}
        for service in ("registration", "map-feed"):
            told = read(httpx.get(f"{stack.places.health_addresses()[service]}/metrics").text)
            found |= {stage: number for (stage,), number in told.by("sdi_canary_seconds_count", "stage").items()}
        return found

    async def came() -> bool:
        return await asyncio.to_thread(stages) == {"decided": 1, "located": 1, "equipped": 1, "on_map": 1}

    asyncio.run(until("the canary came", came, 180.0))
    shown = [
        httpx.get(f"{stack.places.addresses()['map-feed']}{path}", follow_redirects=True).text
        for path in ("/", "/evenements.geojson", "/v1/changes?limit=500", "/sitemap.xml", f"/evenements/{canary.EVENT}")
    ]
    assert [text for text in shown if "Canari" in text or str(canary.EVENT) in text] == []
    tail = "make sdi ARGS='tail registration.events --filter title~canari{}'"
    assert make(stack, tail.format("")).stdout == ""
    assert "Canari : visite guidée d’une usine" in make(stack, tail.format(" --canary")).stdout


def test_what_was_written_by_people_is_closed_to_others(stack: Any) -> None:
    state = stack.places.state
    open_to_others = {
        folder: oct((state / folder).stat().st_mode & 0o777)
        for folder in ("mailbox", "kafka", "postgres", "secrets", "logs")
    }
    assert open_to_others == dict.fromkeys(open_to_others, "0o700")


def test_an_amended_event_has_two_kits_and_the_counts_agree_as_the_runbook_says(stack: Any) -> None:
    async def amend_and_count() -> dict[str, dict[str, Any]]:
        who, (event_id, draft) = an_organiser_with_a_labelled_event(stack)
        addresses = stack.places.health_addresses()
        async with patient_client(stack.places.addresses()["registration"]) as client:
            await Program(client, who).post(event_id, {**draft, "title": draft["title"] + " – bis"})

            async def counts() -> dict[str, dict[str, Any]]:
                answers = {name: await client.get(f"{at}/health/counts") for name, at in addresses.items()}
                return {name: answer.json() for name, answer in answers.items()}

            before = (await counts())["commskit"]["accepted"]

            async def is_mailed() -> bool:
                return bool((await counts())["commskit"]["accepted"] > before)

            await until("the kit is mailed", is_mailed, 180.0)
            return await counts()

    found = asyncio.run(amend_and_count())
    judged, placed, kits = found["labelling"], found["geocoding"], found["commskit"]
    submitted = found["registration"]["submitted"]
    assert submitted == sum(judged[name] for name in ("labelled", "rejected", "in_review", "withdrawn"))
    assert submitted == sum(placed[name] for name in ("located", "not_located", "online", "withdrawn"))
    assert (kits["pending"], kits["failed"], kits["equipped"]) == (0, 0, judged["labelled"])
    assert kits["accepted"] > judged["labelled"]


def an_organiser_with_a_labelled_event(stack: Any) -> tuple[Organiser, tuple[UUID, dict[str, Any]]]:
    answer = httpx.get(f"{stack.places.addresses()['map-feed']}/evenements.geojson").json()
    shown = {feature["properties"]["id"] for feature in answer["features"]}
    found = [(who, event) for who in stack.organisers() for event in who.events if str(event[0]) in shown]
    return found[-1]


def test_the_timeline_and_sdi_show_the_same_hours_in_the_same_order(stack: Any) -> None:
    who, (event_id, _) = an_organiser_with_a_labelled_event(stack)

    async def timeline() -> list[dict[str, Any]]:
        async with patient_client(stack.places.addresses()["registration"]) as client:
            token = await Program(client, who).fresh_token()
            answer = await client.get(f"/v1/events/{event_id}", headers={"Authorization": f"Bearer {token}"})
            steps: list[dict[str, Any]] = answer.json()["timeline"]
            return steps

    steps = asyncio.run(timeline())
    story = make(stack, f'make sdi ARGS="events show {event_id}"').stdout
    hours = [(datetime.fromisoformat(step["at"]).astimezone(), step["kind"]) for step in steps]
    assert [kind for at, kind in hours if not re.search(rf"{at:%Y-%m-%d %H:%M:%S} .* {kind} ", story)] == []
    assert hours[0][1] == "EventSubmitted"


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_runbook_works_as_written(stack: Any, set_aside: str, dead_job: None, command: str) -> None:
    who, (event_id, _) = an_organiser_with_a_labelled_event(stack)
    meant = {"EVENT": str(event_id), "LETTER": set_aside, "ADDRESS": who.email, "FOLDER": str(LEXICONS)}
    meant |= {"SERVICE": "labelling", "PID": "0"}
    for word, meaning in meant.items():
        command = re.sub(rf"\b{word}\b", meaning, command)
    words = re.sub(r'make (sdi|run)? ?(ARGS=)?|"', "", command)
    expected = max((name for name in SAYS if words.startswith(name)), key=len)
    done = make(stack, command, given="y\n")
    found_something = expected == "dead-letters list"  # sdi ends with 1, and make then with 2
    assert (done.returncode, done.stderr) == (2 if found_something else 0, done.stderr)
    assert re.search(SAYS[expected], done.stdout, re.M), done.stdout + done.stderr
    asyncio.run(until("all are ready", lambda: are_ready(stack), 60.0))


async def are_ready(stack: Any) -> bool:
    return not await asyncio.to_thread(not_ready, stack.places.health_addresses())


def test_who_sits_on_a_lock_is_named_and_is_ended_by_the_number_that_is_shown(stack: Any) -> None:
    look, end = (command for command in COMMANDS if command.startswith("make psql"))

    async def somebody(who: str) -> asyncpg.Connection:
        keys = kept_keys(stack.places.state / "postgres.json")
        return await asyncpg.connect(
            keys.url("postgresql", "postgres", "commskit"), server_settings={"application_name": who}
        )

    async def sit_until_ended() -> str:
        sitting, reading = await somebody("a migration"), await somebody("a reader")
        await sitting.execute("BEGIN; LOCK TABLE kits IN ACCESS EXCLUSIVE MODE")
        answer = asyncio.create_task(reading.fetchval("SELECT count(*) FROM kits"))
        found = ""

        async def is_named() -> bool:
            nonlocal found
            shown = (await asyncio.to_thread(make, stack, look.replace("SERVICE", "commskit"))).stdout
            named = re.search(r"^ *(\d+) .* a migration .* \| +[1-9]\d* \| f +\| BEGIN; LOCK TABLE kits", shown, re.M)
            found = named[1] if named and f"{{{named[1]}}}" in shown else ""
            return bool(found)

        await until("it is named", is_named, 60.0)
        await asyncio.to_thread(make, stack, end.replace("SERVICE", "commskit").replace("PID", found))
        assert await answer >= 0  # it waits no more
        await reading.close()
        return found

    assert asyncio.run(sit_until_ended())


def test_the_analysts_program_counts_the_facts_as_the_guide_says(stack: Any, tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "analysts.md").read_text()
    program = tmp_path / "count.py"
    program.write_text(re.findall(r"```python\n(.*?)```", guide, re.S)[0])
    settings = make(stack, "make analyst").stdout
    assert set(re.findall(r"^\| `([a-z.]+)`", guide, re.M)) == {line.split("=")[0] for line in settings.splitlines()}
    done = subprocess.run([sys.executable, program], input=settings, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    numbers = {line.split()[1]: int(line.split()[0]) for line in done.stdout.splitlines()}
    assert numbers[EventSubmitted.ce_type] >= stack.played.events
    refused = settings.replace("group.id=analyst", "group.id=somebody")
    done = subprocess.run([sys.executable, program], input=refused, capture_output=True, text=True, timeout=120)
    assert (done.returncode, "Kafka refused: " in done.stderr) == (1, True)
    stopped = re.sub(r"bootstrap.servers=.*", "bootstrap.servers=127.0.0.1:9", settings)  # it would be waited for
    done = subprocess.run([sys.executable, program], input=stopped, capture_output=True, text=True, timeout=120)
    assert (done.returncode, "Kafka does not let us in: " in done.stderr) == (1, True)


def test_the_periods_in_the_runbook_are_the_settings_own_and_none_is_missing() -> None:
    written = {name: int(days) for name, days in re.findall(r"`([A-Z_]+_KEPT_DAYS)` (\d+) \|", RUNBOOK)}
    common = {name for name in ServiceSettings.model_fields if name.endswith("_kept_days")}
    asked = {
        f"{'' if name in common else 'registration_'}{name}".upper(): field.default
        for name, field in Settings.model_fields.items()
        if name.endswith("_kept_days")
    }
    assert written == asked


def test_an_analyst_is_not_handed_the_settings_of_a_stack_that_was_stopped(tmp_path: Path) -> None:
    told = {"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9", "KAFKA_USERNAME": "analyst", "KAFKA_PASSWORD": "long gone"}
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "settings.json").write_text(json.dumps({"analyst": told}))
    environ = {**from_a_terminal(), "LOCAL_STACK": str(tmp_path)}
    done = subprocess.run(["make", "analyst"], cwd=ROOT, env=environ, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert "nothing listens at 127.0.0.1:9: `make demo` starts it" in done.stderr


def test_where_no_stack_was_started_a_command_says_so(tmp_path: Path) -> None:
    environ = {**from_a_terminal(), "LOCAL_STACK": str(tmp_path)}
    done = subprocess.run(["make", "sdi", "ARGS=lag"], cwd=ROOT, env=environ, capture_output=True, text=True)
    assert f"no stack was started in {tmp_path} yet: `make up` or `make demo` starts one" in done.stderr
