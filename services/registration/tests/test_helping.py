"""Coordinators and federations help organisers with their events, and enter some for who is not there yet."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from backbone.campaign.geography import DEPARTMENTS, department_of, postcode_pattern
from registration.commands import grant

PASSWORD = "douze lettres, ou plus"
LINK = re.compile(r"https://inscription\.example/invitation\?jeton=(\S+)")


@pytest.fixture
async def ines(a_person):
    return await a_person("ines@fonderie.example")


@pytest.fixture
async def coordinator(a_person, settings):
    coordinator = await a_person("coordination@region.example")
    await grant(settings, ["coordination@region.example", "coordinator", "52"])
    return coordinator


async def listed(person):
    answer = await person.ask("GET", "/v1/events?of=others")
    assert answer.json()["total"] == len(answer.json()["items"])
    return [event["id"] for event in answer.json()["items"]]


async def newest_mails(worker, mailer):
    before = len(mailer.sent)
    await worker.run_due()
    return [(mail["To"], mail["Subject"]) for mail in mailer.sent[before:]]


async def test_a_coordinator_sees_the_events_of_their_region_and_helps_with_them(
    ines, coordinator, a_draft, worker, mailer, told
):
    here, bare = await ines.drafts(a_draft()), await ines.drafts({"title": "À compléter"})
    lyon = {"street": "1 rue de la République", "postcode": "69001", "city": "Lyon"}
    await ines.drafts(a_draft(venue=lyon))
    assert await listed(coordinator) == [here]
    assert await listed(ines) == []
    assert (await coordinator.ask("GET", f"/v1/events/{bare}")).status_code == 404
    for _ in range(2):  # the second changes nothing, and says nothing
        read = await coordinator.ask("GET", f"/v1/events/{here}")
        headers = coordinator.headers | {"If-Match": read.headers["ETag"]}
        body = a_draft(title="Mieux dit")
        changed = await coordinator.client.put(f"/v1/events/{here}", json=body, headers=headers)
        assert changed.status_code == 200
    assert await newest_mails(worker, mailer) == [("ines@fonderie.example", "Modifié pour vous : Mieux dit")]
    await coordinator.submits(here)
    assert await newest_mails(worker, mailer) == [("ines@fonderie.example", "Déposé pour vous : Mieux dit")]
    event = await ines.reads(here)
    assert [step["text"] for step in event["timeline"]] == [
        "La coordination de votre région a modifié votre brouillon.",
        "Votre événement est déposé ; l’examen commence.",
        "La coordination de votre région a déposé votre événement pour vous.",
    ]
    assert (event["is_mine"], event["draft"]["title"]) == (True, "Mieux dit")
    assert (await told())[0][1]["event"]["organiser_id"] != event["organisation_id"]
    for path in ("withdrawal", "cancellation"):
        refused = await coordinator.ask("POST", f"/v1/events/{here}/{path}", {} if path == "cancellation" else None)
        assert refused.status_code in (403, 404, 405)
    assert (await ines.reads(here))["state"] == "submitted"


async def test_what_an_organiser_and_their_colleagues_do_themselves_is_told_to_nobody(ines, a_draft, worker, mailer):
    event_id = await ines.drafts(a_draft())
    await ines.ask("PUT", f"/v1/events/{event_id}", a_draft(title="Mieux dit"))
    await ines.submits(event_id)
    assert await newest_mails(worker, mailer) == []
    assert [step["kind"] for step in (await ines.reads(event_id))["timeline"]] == ["EventSubmitted"]


async def test_to_a_version_that_is_rolled_back_to_a_coordinator_is_an_organiser(coordinator, engine):
    async with engine.connect() as tx:
        asked = text("SELECT role, regions, coordinates FROM accounts WHERE email = 'coordination@region.example'")
        assert tuple((await tx.execute(asked)).one()) == ("organiser", [], ["52"])


@pytest.fixture
async def federation(a_person):
    paul = await a_person("paul@uimm.example")
    said = {"name": "Fédération des fondeurs", "kind": "federation"}
    paul.home = (await paul.ask("POST", "/v1/organisations", said)).json()
    return paul


@pytest.fixture
def link(worker, mailer):
    async def read():
        assert await worker.run_due() == 1
        return LINK.search(mailer.sent[-1].get_body(("plain",)).get_content())[1]

    return read


async def test_an_organisation_that_accepts_it_is_helped_by_its_federation_until_it_leaves(
    ines, federation, client, link, a_draft, mailer
):
    event_id = await ines.drafts(a_draft())
    offers = f"/v1/organisations/{federation.home['id']}/offers"
    assert (await federation.ask("POST", offers, {"email": ines.email})).status_code == 202
    token = await link()
    [open_one] = (await federation.ask("GET", f"/v1/organisations/{federation.home['id']}/invitations")).json()
    assert (open_one["kind"], open_one["email"]) == ("federation", ines.email)
    assert mailer.sent[-1]["Subject"] == (
        "Fédération des fondeurs propose de vous accompagner pour la Semaine de l’industrie"
    )
    assert await listed(federation) == []
    accepted = [await client.post("/v1/invitations/acceptances", json={"token": token}) for _ in range(2)]
    assert [answer.status_code for answer in accepted] == [200, 410]
    assert await listed(federation) == [event_id]
    [helped] = (await federation.ask("GET", f"/v1/organisations/{federation.home['id']}/helped")).json()
    [mine] = (await ines.ask("GET", "/v1/organisations")).json()
    assert (helped["id"], mine["federation_id"]) == (mine["id"], federation.home["id"])
    await federation.submits(event_id)
    steps = [step["text"] for step in (await ines.reads(event_id))["timeline"]]
    assert steps[-1] == "Votre fédération a déposé votre événement pour vous."
    assert (await federation.ask("POST", f"/v1/events/{event_id}/withdrawal")).status_code == 403
    assert (await ines.ask("DELETE", f"/v1/organisations/{mine['id']}/federation")).status_code == 204
    assert (await federation.ask("GET", f"/v1/events/{event_id}")).status_code == 404


async def test_only_a_federation_offers_it(ines):
    [mine] = (await ines.ask("GET", "/v1/organisations")).json()
    refused = await ines.ask("POST", f"/v1/organisations/{mine['id']}/offers", {"email": "a@b.example"})
    assert (refused.status_code, refused.json()["detail"]) == (
        409,
        "Seule une fédération accompagne d’autres organisations : la vôtre est d’un autre genre.",
    )


async def test_who_has_no_account_yet_says_which_organisation_the_federation_helps(federation, client, link):
    offers = f"/v1/organisations/{federation.home['id']}/offers"
    await federation.ask("POST", offers, {"email": "anne@laiterie.example"})
    taken_up = {"token": await link(), "name": "Anne Martin", "password": PASSWORD}
    bare = await client.post("/v1/invitations/acceptances", json=taken_up)
    assert (bare.status_code, [fault["field"] for fault in bare.json()["errors"]]) == (422, ["organisation"])
    whole = await client.post("/v1/invitations/acceptances", json=taken_up | {"organisation": "Laiterie du Pré"})
    assert whole.status_code == 200
    [helped] = (await federation.ask("GET", f"/v1/organisations/{federation.home['id']}/helped")).json()
    assert helped["name"] == "Laiterie du Pré"


async def test_an_event_that_was_entered_for_somebody_is_theirs_once_they_claim_it(
    coordinator, client, link, a_draft, told, mailer
):
    event_id = await coordinator.drafts(a_draft(organisation="Laiterie du Pré"))
    await coordinator.submits(event_id)
    offered = await coordinator.ask("POST", f"/v1/events/{event_id}/offer", {"email": "anne@laiterie.example"})
    assert offered.status_code == 202
    token = await link()
    assert mailer.sent[-1]["Subject"] == "Un événement est à vous : Du métal en fusion à la pièce finie"
    page = await client.get("/invitation", params={"jeton": token})
    assert "a été saisi pour vous" in page.text
    assert await listed(coordinator) == []  # it is theirs until then
    claim = {"token": token, "name": "Anne Martin", "password": PASSWORD}
    answers = [await client.post("/v1/invitations/acceptances", json=claim) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 410]
    signed_in = await client.post("/v1/tokens", json={"email": "anne@laiterie.example", "password": PASSWORD})
    headers = {"Authorization": f"Bearer {signed_in.json()['access_token']}"}
    event = (await client.get(f"/v1/events/{event_id}", headers=headers)).json()
    [home] = (await client.get("/v1/organisations", headers=headers)).json()
    assert (event["is_mine"], event["organisation_id"], home["name"]) == (True, home["id"], "Laiterie du Pré")
    first, second = [fact["event"]["organiser_id"] for _, fact in await told()]
    assert first != second
    assert await listed(coordinator) == [event_id]  # as of any organiser of the region


async def test_who_claims_an_event_under_a_name_that_one_of_theirs_bears_keeps_both_apart(
    coordinator, client, link, a_person, a_draft, told
):
    anne = await a_person("anne@laiterie.example")
    own = await anne.drafts(a_draft(external_id="A-1"))
    event_id = await coordinator.drafts(a_draft(external_id="A-1", title="La laiterie"))
    await coordinator.submits(event_id)
    await coordinator.ask("POST", f"/v1/events/{event_id}/offer", {"email": anne.email})
    accepted = await client.post("/v1/invitations/acceptances", json={"token": await link()})
    assert accepted.status_code == 200, accepted.text
    for one, name in ((own, "A-1"), (event_id, None)):
        view = await anne.reads(one)
        assert (view["is_mine"], view["draft"].get("external_id")) == (True, name)
    assert (await anne.reads(event_id))["is_changed"] is False
    assert (await told())[-1][1]["event"]["title"] == "La laiterie"
    # and under it she writes her own, as before
    again = await anne.ask("PUT", "/v1/events/by-external-id/A-1", a_draft())
    assert (again.status_code, again.json()["id"]) == (200, own)


async def test_an_organiser_offers_their_event_to_no_stranger(ines, a_draft):
    event_id = await ines.drafts(a_draft())
    refused = await ines.ask("POST", f"/v1/events/{event_id}/offer", {"email": "anne@laiterie.example"})
    assert refused.status_code == 403


async def test_an_event_that_is_offered_anew_is_claimed_by_the_last_one_alone(coordinator, client, link, a_draft):
    event_id = await coordinator.drafts(a_draft())
    tokens = []
    for address in ("anne@laiterie.example", "paule@laiterie.example"):
        await coordinator.ask("POST", f"/v1/events/{event_id}/offer", {"email": address})
        tokens.append(await link())
    who = {"name": "Anne Martin", "password": PASSWORD}
    answers = [await client.post("/v1/invitations/acceptances", json=who | {"token": token}) for token in tokens]
    assert [answer.status_code for answer in answers] == [410, 200]


@pytest.mark.parametrize("regions", [["52"], ["94"], ["01"], ["84", "04"], ["977", "978"], []])
def test_a_list_asks_for_the_postcodes_that_one_event_would_be_told_by(regions):
    pattern = re.compile(postcode_pattern(regions))
    for number in range(100_000):
        postcode = f"{number:05}"
        department = department_of(postcode)
        is_there = department is not None and DEPARTMENTS[department].region in regions
        assert bool(pattern.search(postcode)) == is_there, postcode


async def test_who_does_not_manage_an_organisation_lets_no_federation_help_it(
    ines, federation, a_person, client, link, pass_by
):
    [home] = (await ines.ask("GET", "/v1/organisations")).json()
    await a_person("paule@fonderie.example")
    for offering, path in ((ines, f"{home['id']}/invitations"), (federation, f"{federation.home['id']}/offers")):
        await offering.ask("POST", f"/v1/organisations/{path}", {"email": "paule@fonderie.example"})
        answer = await client.post("/v1/invitations/acceptances", json={"token": await link()})
        await pass_by(timedelta(minutes=10))  # of several invitations to one address the later ones wait
    assert (answer.status_code, (await ines.ask("GET", "/v1/organisations")).json()) == (403, [home])
