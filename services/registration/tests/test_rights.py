"""Each door lets in whom it says, and nobody else: every route is asked as everybody, from the table of the routes."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from io import BytesIO
from itertools import count
from uuid import uuid4

import pytest
from httpx import ASGITransport, AsyncClient
from PIL import Image
from sqlalchemy import func, insert

from backbone.http.access import Caller
from backbone.http.session import COOKIE
from registration.domain.api_key import KeyRequest, Secret
from registration.domain.draft import EventDraft
from registration.domain.refusals import NotYours, UnknownEvent
from registration.domain.rights import Act, Deed, Door, Relation, region_of_draft
from registration.domain.slots import named
from registration.handlers import events
from registration.http.rules import rule_of
from registration.store import accounts, add_key, grant_role, members, organisations, set_second_factor

HERE, ELSEWHERE = "52", "84"
ROLES = {  # the role of an account, and its regions
    "keeper": ("organiser", ()),
    "manager": ("organiser", ()),
    "member": ("organiser", ()),
    "federation": ("organiser", ()),
    "stranger": ("organiser", ()),
    "coordinator": ("coordinator", (HERE,)),
    "coordinator elsewhere": ("coordinator", (ELSEWHERE,)),
    "reviewer": ("reviewer", (HERE,)),
    "reviewer elsewhere": ("reviewer", (ELSEWHERE,)),
    "administrator": ("administrator", ()),
}
NOBODY = {"visitor", "unconfirmed", "erased"}
HELPERS = {"federation", "coordinator", "administrator"}
COLLEAGUES = {"keeper", "manager", "member"}
MAY = {
    Act.READ: COLLEAGUES | HELPERS | {"reviewer"},
    Act.EDIT: COLLEAGUES | HELPERS,
    Act.SUBMIT: COLLEAGUES | HELPERS,
    Act.WITHDRAW: COLLEAGUES,
    Act.ANNOUNCE: COLLEAGUES,
    Act.HAND_OVER: {"keeper", "manager"},
    Act.KIT: COLLEAGUES,
    Act.OFFER: set(),  # an organiser: only who enters events for others
}
DEEDS = {
    Deed.SEE: {"manager", "keeper", "member"},
    Deed.LEAVE: {"manager", "keeper", "member"},
    Deed.CHANGE: {"manager"},
    Deed.INVITE: {"manager"},
    Deed.ARRANGE: {"manager"},
    Deed.HELP: {"manager"},
    Deed.KEYS: {"manager"},
}
_FILE = BytesIO()
Image.new("1", (320, 320)).save(_FILE, "PNG")
A_PICTURE = _FILE.getvalue()
BODIES = {"/v1/accounts/erasure": {"email": "personne@exemple.fr", "password": "un mot de passe faux"}}
BODIES |= {"/v1/uploads": {}, "/v1/uploads/{upload_id}/application": {"as": "drafts"}}
BODIES["/v1/events/{event_id}/handover"] = {"account_id": "MANAGER"}
"""What is sent in place of the example in the documentation of the API, or where it gives none: by a route's path."""


AFTERWARDS = {"/v1/events/{event_id}/attendance", "/v1/events/{event_id}/attendance/attestation"}
"""What nobody may do before the event has taken place: who may, is told so."""


def doors(routes):
    """Every route of the service's own, by its method and path."""
    for route in routes:
        if router := getattr(route, "original_router", None):  # FastAPI keeps those that it includes as they are
            yield from doors(router.routes)
        elif getattr(route, "endpoint", None) and route.endpoint.__module__.startswith("registration."):
            for method in sorted(route.methods - {"HEAD"}):
                yield method, route.path, route.endpoint


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"client_tries_per_minute": 10_000})


@pytest.fixture
async def people(engine):
    """The accounts of all roles, by role, and the two organisations that they are of."""
    ids = {role: uuid4() for role in (*ROLES, "unconfirmed", "erased")}
    ours, theirs, federation = uuid4(), uuid4(), uuid4()
    async with engine.begin() as tx:
        for role in (*ROLES, "unconfirmed"):
            kept, regions = ROLES.get(role, ("organiser", ()))
            email, confirmed_at = f"{uuid4()}@exemple.fr", None if role == "unconfirmed" else func.now()
            who = {"id": ids[role], "email": email, "password_hash": "x", "name": "Anne", "organisation": "Erdre"}
            await tx.execute(insert(accounts).values(who | {"confirmed_at": confirmed_at}))
            await grant_role(tx, email, kept, regions)
            await set_second_factor(tx, ids[role], "sealed", "a key", 0, [])
        for one, of in ((federation, None), (ours, federation), (theirs, None)):
            await tx.execute(insert(organisations).values(id=one, name="Erdre", federation_id=of))
        of = {"keeper": ours, "manager": ours, "member": ours, "unconfirmed": ours}
        of |= {"federation": federation, "stranger": theirs}
        for role, organisation_id in of.items():
            row = {"organisation_id": organisation_id, "account_id": ids[role]}
            await tx.execute(insert(members).values(row | {"role": "manager" if role == "manager" else "member"}))
    return ids


@pytest.fixture
def an_event(service, people, a_draft):
    """Makes an event of the keeper's, submitted."""
    desk, numbers = service.http.state.desk, count(1)

    async def make():
        event_id = uuid4()
        draft = a_draft(title=f"Visite {next(numbers)}")
        async with service.engine.begin() as tx:
            await events.save_draft(tx, people["keeper"], event_id, EventDraft.model_validate(draft))
            await events.submit(tx, desk, people["keeper"], event_id)
        return event_id

    return make


@pytest.fixture
def a_key(service, people):
    """Makes a key of an organisation, as its manager."""

    async def make(organisation_id):
        request = KeyRequest(name="Agenda", scopes={"events:read"})
        async with service.engine.begin() as tx:
            return (await add_key(tx, organisation_id, people["manager"], request, Secret.new())).id

    return make


@pytest.fixture
def an_organisation(service, people):
    """Makes an organisation of the keeper's, a manager's and a member's."""

    async def make():
        organisation_id = uuid4()
        async with service.engine.begin() as tx:
            await tx.execute(insert(organisations).values(id=organisation_id, name="Erdre"))
            for role in ("keeper", "manager", "member", "unconfirmed"):
                row = {"organisation_id": organisation_id, "account_id": people[role]}
                row["role"] = "manager" if role == "manager" else "member"
                await tx.execute(insert(members).values(row | {"since": datetime(2099, 1, 1, tzinfo=UTC)}))
        return organisation_id

    return make


@pytest.fixture
async def bare(service):
    """Somebody at the door who looks at the status alone: that answers are as they are described, others see."""
    async with AsyncClient(transport=ASGITransport(service.http), base_url="http://registration") as bare:
        yield bare


@pytest.fixture
def one(an_event, an_organisation):
    """An event or an organisation: one of its own for who may change it; who reads, or is refused, is shown the same
    as the others."""
    make, shared = {"event": an_event, "organisation": an_organisation}, {}

    async def find(what, *, is_changed):
        if is_changed:
            return await make[what]()
        if what not in shared:
            shared[what] = await make[what]()
        return shared[what]

    return find


@pytest.fixture
def ask(service, bare, people, one, a_key, a_draft):
    """Asks a route as somebody; the status of its answer."""
    [slot_id] = (slot.id for slot in named(EventDraft.model_validate(a_draft()).slots))
    desk, told = service.http.state.desk, service.http.openapi()["paths"]

    async def go(method, path, role, rule):
        path = path.replace(":path}", "}")
        bare.cookies.clear()
        is_changed = method != "GET" and role in (MAY | DEEDS).get(rule, ())
        event_id = await one("event", is_changed=is_changed) if "{event_id}" in path else ""
        organisation_id = await one("organisation", is_changed=is_changed) if "{organisation_id}" in path else ""
        meant = {"event_id": event_id, "account_id": people["member" if role == "manager" else "manager"]}
        meant |= {"organisation_id": organisation_id, "siret": "73282932000074", "slot_id": slot_id}
        meant |= {"key_id": await a_key(organisation_id)} if "{key_id}" in path else {}
        asked = {"url": re.sub(r"\{(\w+)\}", lambda name: str(meant.get(name[1], uuid4())), path)}
        if role in people:
            kept, regions = ROLES.get(role, ("organiser", ()))
            token = desk.signer.sign(Caller(people[role], kept, frozenset(regions)))
            asked["headers"] = {"Authorization": f"Bearer {token}"}
            bare.cookies.set(COOKIE, token)
            asked["headers"]["If-Match"] = "*"  # whatever others have written
        if path.endswith("/picture"):
            asked["content"] = A_PICTURE
        elif method != "GET" and path.startswith("/v1"):
            body = body_of(told[path][method.lower()], path, is_anyones=rule is Door.ANYONE)
            asked["json"] = json.loads(json.dumps(body).replace("MANAGER", str(people["manager"])))
        elif method != "GET":
            asked["headers"] = {"Sec-Fetch-Site": "same-origin"}  # the cookie alone says who it is
        answer = await bare.request(method, **asked)
        return 401 if answer.headers.get("location", "").startswith("/connexion") else answer.status_code

    return go


def body_of(operation, path, *, is_anyones):
    if path in BODIES:
        return BODIES[path]
    body = operation.get("requestBody", {})
    given = body.get("content", {}).get("application/json", {})
    for example in given.get("examples", {}).values():
        return example["value"]
    if is_anyones:
        return {}
    assert not body.get("required"), f"give an example of what is sent to {path}, in http/manual.py or here"
    return None


def test_every_route_says_its_rule(service):
    found = list(doors(service.http.routes))
    assert {"/v1/events/{event_id}", "/connexion", "/evenements/{event_id}"} <= {path for _, path, _ in found}
    unsaid = [f"{method} {path}" for method, path, endpoint in found if rule_of(endpoint) is None]
    assert unsaid == [], "say who may: http/rules.py"
    for method, path, endpoint in found:
        said = rule_of(endpoint)
        assert isinstance(said, Act) == ("{event_id}" in path), f"{method} {path}: an act is on an event"
        is_deed = "{organisation_id}" in path
        assert isinstance(said, Deed) == is_deed, f"{method} {path}: a deed is on an organisation"


def test_every_act_has_its_line_here():
    assert set(MAY) == set(Act)
    assert set(DEEDS) == set(Deed)
    assert set(Relation) <= set(ROLES)


@pytest.mark.parametrize("is_for_programs", [True, False], ids=["API", "pages"])
@pytest.mark.parametrize("rules", [Act, Deed])
async def test_nobody_does_what_is_not_theirs_at_any_door(service, ask, rules, is_for_programs):
    wrong = {}
    for method, path, endpoint in doors(service.http.routes):
        act = rule_of(endpoint)
        if not isinstance(act, rules) or path.startswith("/v1/") != is_for_programs:
            continue
        for role in [*ROLES, *NOBODY]:
            status, wanted = await ask(method, path, role, act), expected(act, role, path)
            if status not in wanted:
                wrong[f"{method} {path} as {role}"] = (status, wanted)
    assert wrong == {}


def expected(act, role, path):
    if role in NOBODY:
        return {401}
    who, readers = (MAY[act], MAY[Act.READ]) if isinstance(act, Act) else (DEEDS[act], DEEDS[Deed.SEE])
    if role in who:
        if path in AFTERWARDS:
            return {409}
        # a page leads on, or says what is missing in a form that is empty; or it cannot be done, whoever asks
        return {200, 201, 202, 204, 409, 410} if path.startswith("/v1") else {200, 303, 409, 410, 422}
    return {403} if role in readers else {404}


async def test_who_is_not_signed_in_enters_nowhere_that_asks_for_it(service, ask):
    wrong = {}
    for method, path, endpoint in doors(service.http.routes):
        if rule_of(endpoint) is not Door.SIGNED_IN:
            continue
        for role in [*ROLES, *NOBODY]:
            status = await ask(method, path, role, Door.SIGNED_IN)
            assert status < 500, f"{method} {path} as {role}"
            if (status in {401, 403}) != (role in NOBODY):  # of what is one's own there may be none
                wrong[f"{method} {path} as {role}"] = status
    assert wrong == {}


async def test_only_who_decides_about_others_enters_where_it_is_decided(service, ask):
    wrong = {}
    for method, path, endpoint in doors(service.http.routes):
        if rule_of(endpoint) is not Door.REVIEWING:
            continue
        for role in [*ROLES, *NOBODY]:
            is_one = role.startswith("reviewer") or role == "administrator"
            status = await ask(method, path, role, Door.REVIEWING)
            if status != (401 if role in NOBODY else 201 if is_one else 403):
                wrong[f"{method} {path} as {role}"] = status
    assert wrong == {}


async def test_where_anyone_may_ask_it_makes_no_difference_who_does(service, ask):
    for method, path, endpoint in doors(service.http.routes):
        if rule_of(endpoint) is Door.ANYONE:
            one, other = [await ask(method, path, role, Door.ANYONE) for role in ("visitor", "administrator")]
            assert one == other, f"{method} {path}"


async def test_a_coordinator_moves_no_event_out_of_their_region(service, people, an_event, a_draft):
    event_id = await an_event()
    away = {"street": "1 rue de la République", "postcode": "69001", "city": "Lyon"}
    draft = EventDraft.model_validate(a_draft(venue=away))
    async with service.engine.connect() as tx:
        with pytest.raises(NotYours):
            await events.save_draft(tx, people["coordinator"], event_id, draft)


async def test_a_reviewer_reads_no_draft_that_was_never_submitted(service, people, a_draft):
    event_id = uuid4()
    async with service.engine.begin() as tx:
        await events.save_draft(tx, people["keeper"], event_id, EventDraft.model_validate(a_draft()))
        assert await events.event_for(tx, people["coordinator"], event_id, Act.READ)
        with pytest.raises(UnknownEvent):
            await events.event_for(tx, people["reviewer"], event_id, Act.READ)


@pytest.mark.parametrize(
    ("kept", "region"),
    [
        ({"venue": {"postcode": "44550"}}, "52"),
        ({"venue": {"postcode": "20200"}}, "94"),
        ({"venue": {"postcode": "97410"}}, "04"),
        ({"venue": None, "online_url": "https://visio.example"}, "00"),
        ({"venue": {"postcode": "44550"}, "online_url": "https://visio.example"}, "52"),
        ({}, None),
        ({"venue": {"city": "Nantes"}}, None),
        ({"venue": "Nantes"}, None),
        ({"venue": {"postcode": "99999"}}, None),
    ],
)
def test_a_draft_is_of_the_region_that_it_says(kept, region):
    assert region_of_draft(kept) == region
