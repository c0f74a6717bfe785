"""A program comes in by a key of its organisation: to what the key's scopes open, with the events of that organisation
alone, until its end."""

from __future__ import annotations

import io
import logging
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import delete, select, update

from backbone.postgres.upkeep import Upkeep
from backbone.runtime.logs import JsonFormatter, TextFormatter
from registration import store
from registration.domain.api_key import SCOPES, notices_before
from registration.domain.rights import Act
from registration.store import api_keys, members

EMAIL = "ines@fonderie.example"
BOTH = ["events:read", "events:write"]


@pytest.fixture
async def ines(a_person):
    return await a_person(EMAIL)


@pytest.fixture
async def home(ines):
    [mine] = (await ines.ask("GET", "/v1/organisations")).json()
    return mine["id"]


@pytest.fixture
def makes(ines, home):
    async def go(scopes=BOTH, days=180, name="Agenda du site"):
        given = {"name": name, "scopes": scopes, "days": days}
        return await ines.ask("POST", f"/v1/organisations/{home}/keys", given)

    return go


@pytest.fixture
def program(client, makes):
    """A program with a key of these scopes; it asks for things."""

    async def make(*scopes):
        key = (await makes([*scopes])).json()["key"]

        async def ask(method, path, body=None, **headers):
            return await client.request(method, path, json=body, headers={"Authorization": f"Bearer {key}", **headers})

        return ask

    return make


async def test_a_program_writes_submits_and_reads_the_events_of_its_organisation(program, home, a_draft):
    ask = await program(*BOTH)
    made = await ask("POST", "/v1/events", a_draft())
    assert (made.status_code, made.json()["organisation_id"]) == (201, home)
    event = f"/v1/events/{made.json()['id']}"
    submitted = await ask("POST", f"{event}/submission")
    assert (submitted.status_code, submitted.json()["state"]) == (200, "submitted")
    assert (await ask("GET", event)).json()["revision"] == 1
    assert [one["id"] for one in (await ask("GET", "/v1/events")).json()["items"]] == [made.json()["id"]]
    assert (await ask("POST", f"{event}/withdrawal")).status_code == 200
    named = await ask("PUT", "/v1/events/by-external-id/agenda-12", a_draft(title="Une autre visite"))
    assert (named.status_code, named.json()["organisation_id"]) == (201, home)


async def test_its_scopes_say_what_it_may(program, ines, a_draft):
    event = f"/v1/events/{await ines.drafts(a_draft())}"
    reads, writes = await program("events:read"), await program("events:write")
    assert (await reads("GET", event)).status_code == 200
    for method, path, body in (
        ("POST", "/v1/events", a_draft()),
        ("PUT", event, a_draft()),
        ("POST", f"{event}/submission", None),
        ("POST", f"{event}/withdrawal", None),
    ):
        refused = await reads(method, path, body, **{"If-Match": "*"})
        assert (refused.status_code, refused.json()["type"]) == (403, "/problemes/acces-refuse"), path
    assert (await writes("GET", event)).status_code == 403
    assert (await writes("GET", "/v1/events")).status_code == 403


async def test_a_key_opens_nothing_else(program, home):
    ask = await program(*BOTH)
    for method, path, body in (
        ("GET", "/v1/account", None),
        ("GET", "/v1/sessions", None),
        ("DELETE", "/v1/sessions", None),
        ("GET", "/v1/second-factor", None),
        ("GET", "/v1/organisations", None),
        ("GET", f"/v1/organisations/{home}/keys", None),
        ("POST", f"/v1/organisations/{home}/keys", {"name": "Une de plus", "scopes": BOTH}),
        ("POST", f"/v1/events/{uuid4()}/handover", {"account_id": str(uuid4())}),
    ):
        assert (await ask(method, path, body)).status_code == 403, path
    page = await ask("GET", f"/evenements/{uuid4()}")
    assert page.status_code == 303  # no page is for programs


async def test_only_these_acts_are_a_programs():
    assert set(SCOPES) == {Act.READ, Act.KIT, Act.EDIT, Act.SUBMIT, Act.WITHDRAW, Act.ANNOUNCE}


async def test_the_events_of_another_organisation_are_not_there_for_it_though_who_made_it_is_of_that_too(
    program, ines, a_draft
):
    founded = await ines.ask("POST", "/v1/organisations", {"name": "Lycée Gustave-Eiffel", "kind": "school"})
    other = founded.json()["id"]
    made = await ines.ask("POST", f"/v1/events?organisation_id={other}", a_draft())
    event = f"/v1/events/{made.json()['id']}"
    ask = await program(*BOTH)
    assert (await ask("GET", event)).status_code == 404
    assert (await ask("PUT", event, a_draft(), **{"If-Match": "*"})).status_code == 404
    assert (await ask("POST", f"{event}/submission")).status_code == 404
    assert (await ask("GET", "/v1/events")).json()["items"] == []
    assert (await ask("POST", f"/v1/events?organisation_id={other}", a_draft())).status_code == 404


async def test_a_key_ends_and_is_revoked(program, makes, ines, home, engine):
    ask = await program("events:read")
    assert (await ask("GET", "/v1/events")).status_code == 200
    async with engine.begin() as tx:
        await tx.execute(update(api_keys).values(ends_at=datetime.now(UTC) - timedelta(seconds=1)))
    ended = await ask("GET", "/v1/events")
    assert (ended.status_code, ended.json()["type"]) == (401, "/problemes/connexion-necessaire")
    await Upkeep(engine, [store.ended_keys()]).purge_all()
    [kept] = (await ines.ask("GET", f"/v1/organisations/{home}/keys")).json()
    assert kept["prefix"].startswith("sdi_")
    ask = await program("events:read")
    [newest, _] = (await ines.ask("GET", f"/v1/organisations/{home}/keys")).json()
    assert newest["last_used_on"] is None
    await ask("GET", "/v1/events")
    [newest, _] = (await ines.ask("GET", f"/v1/organisations/{home}/keys")).json()
    assert newest["last_used_on"] == datetime.now(UTC).date().isoformat()
    for status in (204, 404):
        assert (await ines.ask("DELETE", f"/v1/organisations/{home}/keys/{newest['id']}")).status_code == status
    assert (await ask("GET", "/v1/events")).status_code == 401


async def test_a_key_goes_with_who_made_it(program, ines, engine):
    ask = await program("events:read")
    async with engine.begin() as tx:
        await tx.execute(delete(members))
    assert (await ask("GET", "/v1/events")).status_code == 401


@pytest.mark.parametrize("key", ["sdi_", "sdi_abcdefgh_" + "A" * 43, "sdi_é", "sdi_abcdefgh_" + "A" * 4000])
async def test_what_is_no_key_opens_nothing(client, ines, key):
    answer = await client.get("/v1/events", headers={"Authorization": f"Bearer {key}".encode()})
    assert answer.status_code == 401


async def test_a_key_is_said_once_and_kept_as_a_hash(makes, ines, home, engine):
    made = (await makes()).json()
    seen = (await ines.ask("GET", f"/v1/organisations/{home}/keys")).text
    async with engine.connect() as tx:
        kept = str((await tx.execute(select(api_keys))).all())
    for place in (seen, kept):
        assert made["prefix"] in place
        assert made["key"].removeprefix(made["prefix"]) not in place


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"days": 366}, "days"), ({"days": 0}, "days"), ({"scopes": []}, "scopes"), ({"scopes": ["admin"]}, "scopes")],
)
async def test_a_key_lives_a_year_at_the_most_and_has_scopes_that_there_are(makes, changes, field):
    refused = await makes(**changes)
    assert (refused.status_code, refused.json()["errors"][0]["field"].split(".")[0]) == (422, field)


async def test_an_organisation_has_twenty_keys_at_the_most(makes):
    answers = [await makes() for _ in range(21)]
    assert [answer.status_code for answer in answers] == [201] * 20 + [422]
    assert answers[-1].json()["errors"][0]["message"] == "Une organisation a 20 clés au plus : révoquez-en une."


async def test_who_made_it_is_told_of_its_end_in_time_unless_it_is_revoked(
    makes, ines, home, engine, worker, mailer, pass_by
):
    await worker.run_due()
    mailer.sent.clear()
    key = (await makes(days=30)).json()
    revoked = (await makes(days=30, name="L’ancienne")).json()
    assert (await ines.ask("DELETE", f"/v1/organisations/{home}/keys/{revoked['id']}")).status_code == 204
    assert await worker.run_due() == 0
    await pass_by(timedelta(days=16))
    await worker.run_due()
    await pass_by(timedelta(days=12))
    await worker.run_due()
    assert [mail["to"] for mail in mailer.sent] == [EMAIL, EMAIL]
    assert mailer.sent[0]["subject"].startswith("La clé d’accès « Agenda du site » prend fin le ")
    words = mailer.sent[0].get_body(("plain",)).get_content()
    assert key["prefix"] in words
    assert key["key"] not in words


def test_of_a_short_key_the_end_is_told_as_early_as_it_can_be():
    assert notices_before(timedelta(days=365)) == [timedelta(days=351), timedelta(days=363)]
    assert notices_before(timedelta(days=14)) == [timedelta(days=12)]
    assert notices_before(timedelta(days=1)) == []


@pytest.mark.parametrize("formatter", [JsonFormatter(), TextFormatter()])
def test_a_log_shows_how_a_key_begins_and_never_the_rest(formatter):
    key, refresh = "sdi_abcdefgh_" + "Z9" * 20, "sdr_" + "Qx" * 32
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    log = logging.Logger("somebody", logging.INFO)
    log.addHandler(handler)
    log.info("a request with %s", key, extra={"shown": f"Bearer {refresh}"})
    try:
        raise RuntimeError(f"no answer for {key}")
    except RuntimeError:
        log.exception("it failed")
    assert "sdi_abcdefgh_…" in stream.getvalue()
    assert "Z9Z9" not in stream.getvalue()
    assert "QxQx" not in stream.getvalue()
