"""The API does what its description says: asked over the wire by schemathesis, as everybody who may ask.

A few cases of each kind for every operation, the same in each run: `ASKED=200 SEED=7` for more, and others
(`.venv/bin/pytest services/registration/tests/test_as_described.py -o timeout=3600`).
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from io import BytesIO
from itertools import count, cycle
from uuid import uuid4

import pytest
import uvicorn
from PIL import Image
from sqlalchemy import func, insert

from backbone.http.access import Caller
from backbone.http.door import Limits, opened
from backbone.http.paging import WRONG_CURSOR
from backbone.testing.asking import Asking
from backbone.texts.pasted import CONTROL
from registration import store
from registration.domain import postcode, second_factor, slots
from registration.domain.api_key import KeyRequest, Secret
from registration.domain.attendance import Report
from registration.domain.draft import EventDraft
from registration.domain.fields import NO_NUMBER, NO_SITE
from registration.domain.invitation import InvitationKind
from registration.domain.late import NOT_THEN
from registration.domain.organisation import WRONG_SIRET
from registration.domain.password import COMMON
from registration.domain.picture import NOT_THERE
from registration.domain.rights import Role
from registration.handlers import accounts, attendance, events, sessions
from registration.handlers import second_factor as factors
from registration.pictures.bounds import TOO_SMALL
from registration.store import To, uploads
from registration.store.tables import accounts as accounts_table
from registration.store.tables import members, organisations

PASSWORD, ANOTHER = "douze lettres, ou plus", "une tout autre phrase que celle-là"
BEFORE, AFTER = datetime(2026, 6, 1, 9, tzinfo=UTC), datetime(2026, 11, 25, 9, tzinfo=UTC)
HERE = ["52"]
_FILE = BytesIO()
Image.new("1", (320, 320)).save(_FILE, "PNG")
A_PICTURE = _FILE.getvalue()

SAID = re.compile(
    "|".join(
        [
            *map(re.escape, (NO_NUMBER, NO_SITE, NOT_THEN, WRONG_SIRET, COMMON, NOT_THERE, WRONG_CURSOR)),
            *map(re.escape, (postcode.FIVE_DIGITS, postcode.NO_CITY, postcode.NOT_IN_FRANCE)),
            *map(re.escape, (slots.LISTED_BEFORE, slots.NAMED_BEFORE, slots.NO_SUCH_HOUR, slots.TWICE_THAT_DAY)),
            *map(re.escape, (str(accounts.NOT_YOURS), str(factors.WRONG))),
            re.escape(CONTROL),
            re.escape(TOO_SMALL),
            "La fin du créneau doit venir après son début",
            "Vérifiez l’année : la Semaine a lieu",
            "Choisissez parmi les thèmes de l’édition",
        ]
    )
)
"""For what a field may be refused that is as its schema says: what lies between fields, in the calendar, in a checksum,
in what is kept. Whatever else it is refused for, the description should say."""


@pytest.fixture
def settings(settings):
    slowed = {"client_tries_per_minute": 1_000_000, "account_tries": 1_000_000, "mail_pause": timedelta(milliseconds=1)}
    return settings.model_copy(update=slowed)


@pytest.fixture
async def address(service):
    """Where the service listens, behind its own door."""
    door = {"http": opened(Limits()), "log_config": None, "server_header": False, "access_log": False}
    config = uvicorn.Config(service.http, port=0, lifespan="off", **door)
    server, bound = uvicorn.Server(config), config.bind_socket()
    serving = asyncio.create_task(server.serve([bound]))
    while not server.started:
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    server.should_exit = True
    await serving


class World:
    """Puts into a case, before it is sent, who asks and what there is: as fresh as the case may change it."""

    def __init__(self, service, clock, a_draft, label, password_hash):
        self.desk, self.engine, self.clock = service.http.state.desk, service.engine, clock
        self.a_draft, self.label, self.password_hash = a_draft, label, password_hash
        self.loop, self.numbers, self.asked, self.kept = asyncio.get_running_loop(), count(1), Counter(), {}

    def make_real(self, case):
        asyncio.run_coroutine_threadsafe(self.prepare(case), self.loop).result()

    async def prepare(self, case):
        name, drawn = case.operation, case.drawn
        is_fresh = case.is_right and drawn.method != "GET"
        me, home = await self.once(self.role_for(name), self.somebody, self.role_for(name), is_fresh=is_fresh)
        case.sign(await self.signature(case, me, home))
        self.clock.at = BEFORE
        for parameter in drawn.path_parameters if case.has_right_path else ():
            key = (me.id, name, parameter)
            made = await self.once(key, self.named, name, parameter, me, home, is_fresh=is_fresh)
            drawn.path_parameters[parameter] = str(made or drawn.path_parameters[parameter])
        if case.is_right:
            if "organisation_id" in drawn.query:
                drawn.query["organisation_id"] = str(home)
            if self.asked[name] % 2 == 0:  # and what was drawn, the next time
                drawn.headers.pop("If-Match", None)
                await self.given(name, me, home, drawn)
            self.asked[name] += 1
        self.clock.at = AFTER if "attendance" in drawn.path else BEFORE

    def role_for(self, name):
        return {"give_late_code": "reviewer", "read_attendance_totals": "administrator"}.get(name, "organiser")

    async def signature(self, case, me, home):
        session_id = await self.session(me) if case.operation == "sign_out" and case.is_right else None
        return self.token(me, session_id)

    def token(self, account, session_id=None):
        who = (account.id, account.role, frozenset(account.regions), account.organisation, account.name, session_id)
        return f"Bearer {self.desk.signer.sign(Caller(*who))}"

    async def once(self, key, make, *args, is_fresh):
        """What was made under this key; made now, if there is nothing or it must be fresh."""
        if is_fresh or key not in self.kept:
            made = await make(*args)
            if is_fresh:
                return made
            self.kept[key] = made
        return self.kept[key]

    # who and what there is

    async def somebody(self, role="organiser", *, is_confirmed=True):
        """Somebody who manages a federation of their own."""
        who, home, email = uuid4(), uuid4(), f"personne{next(self.numbers)}@fonderie.example"
        row = {"id": who, "email": email, "password_hash": self.password_hash, "name": "Inès Payet"}
        row |= {"organisation": "Erdre", "confirmed_at": func.now() if is_confirmed else None}
        async with self.engine.begin() as tx:
            await tx.execute(insert(accounts_table).values(row))
            await tx.execute(insert(organisations).values(id=home, name="Erdre", kind="federation"))
            await tx.execute(insert(members).values(organisation_id=home, account_id=who, role="manager"))
            if role != "organiser":
                await store.grant_role(tx, email, role, HERE if role != "administrator" else [])
            return await store.account_by_id(tx, who), home

    async def colleague(self, home):
        account, _ = await self.somebody()
        async with self.engine.begin() as tx:
            await store.add_member(tx, home, account.id, Role.MEMBER)
        return account

    async def event(self, account, name=""):
        event_id, number = uuid4(), next(self.numbers)
        place = {"street": f"{number} rue de l’Industrie", "postcode": "44550", "city": "Montoir-de-Bretagne"}
        draft = EventDraft.model_validate(self.a_draft(title=f"Visite {number}", venue=place))
        async with self.engine.begin() as tx:
            await events.save_draft(tx, account.id, event_id, draft)
            if name != "replace_event":
                await events.submit(tx, self.desk, account.id, event_id)
        return event_id

    async def past_event(self, account, name):
        event_id = await self.event(account)
        await self.label(str(event_id))
        self.clock.at = AFTER
        if name == "read_attestation":
            async with self.engine.begin() as tx:
                found = await attendance.event_that_was(tx, self.desk, event_id, lock=True)
                await attendance.report(tx, self.desk, found, Report(visitors={"pupils": 12}))
        return event_id

    async def session(self, account):
        async with self.engine.begin() as tx:
            await sessions.begin(tx, self.desk, account, "")
            return (await store.sessions_of(tx, account.id))[0].id

    async def invitation(self, me, home, email):
        async with self.engine.begin() as tx:
            to = To(organisation_id=home, role=Role.MEMBER)
            return await store.add_invitation(tx, InvitationKind.COLLEAGUE, email, me.id, timedelta(days=3), to)

    async def upload(self, me, home):
        upload_id = uuid4()
        about = {"account_id": me.id, "organisation_id": home, "filename": "a.csv", "series": "", "size": 0}
        async with self.engine.begin() as tx:
            await uploads.add_upload(tx, {"id": upload_id, "state": "checked", **about})
        return upload_id

    async def key(self, me, home, *scopes):
        secret = Secret.new()
        async with self.engine.begin() as tx:
            made = await store.add_key(tx, home, me.id, KeyRequest(name="Agenda", scopes=set(scopes)), secret)
        return made.id, secret.text

    async def factor(self, me):
        """The code of a second factor that is set now."""
        secret = second_factor.new_secret()
        async with self.engine.begin() as tx:
            sealed = self.desk.vault.sealed(secret), self.desk.vault.name
            await store.set_second_factor(tx, me.id, *sealed, 0, [])
        return code_of(secret)

    async def named(self, name, parameter, me, home):
        """What stands in an address under the name of a parameter; None: what was drawn."""
        if parameter == "event_id":
            return await (self.past_event if "attendance" in name or "attestation" in name else self.event)(me, name)
        return await NAMED[parameter](self, me, home) if parameter in NAMED else None

    async def given(self, name, me, home, drawn):
        """Puts into a body what only who asks can know: their password, a token that was mailed, a code."""
        if name in GIVEN:
            drawn.body = await GIVEN[name](self, me, home, drawn.body)
        elif name == "give_picture":
            drawn.body, drawn.media_type = A_PICTURE, "image/png"


async def the_home(_, __, home):
    return home


async def a_colleague(world, _, home):
    return (await world.colleague(home)).id


async def a_slot(world, _, __):
    return next(iter(slots.named(EventDraft.model_validate(world.a_draft()).slots))).id


async def a_key(world, me, home):
    return (await world.key(me, home, "events:read"))[0]


async def an_invitation(world, me, home):
    return (await world.invitation(me, home, f"{uuid4()}@erdre.example")).id


async def a_session(world, me, _):
    return await world.session(me)


async def an_upload(world, me, home):
    return await world.upload(me, home)


async def a_siret(_, __, ___):
    return "73282932000074"


NAMED = {
    "organisation_id": the_home,
    "account_id": a_colleague,
    "slot_id": a_slot,
    "key_id": a_key,
    "invitation_id": an_invitation,
    "session_id": a_session,
    "upload_id": an_upload,
    "siret": a_siret,
}


async def their_credentials(_, me, __, ___):
    return {"email": me.email, "password": PASSWORD}


async def both_passwords(_, __, ___, ____):
    return {"password": PASSWORD, "new_password": ANOTHER}


async def their_password(_, __, ___, body):
    return {**body, "password": PASSWORD}


async def a_code(world, me, _, __):
    return {"password": PASSWORD, "code": await world.factor(me)}


async def a_first_code(world, me, _, __):
    secret = second_factor.new_secret()
    return {"ticket": factors.ticket_for(world.desk, me, secret), "code": code_of(secret)}


async def a_refresh_token(world, me, _, __):
    async with world.engine.begin() as tx:
        return {"refresh_token": str((await sessions.begin(tx, world.desk, me, "")).refresh)}


async def a_confirmation(world, _, __, ___):
    newcomer, _ = await world.somebody(is_confirmed=False)
    return {"token": world.desk.confirmations.token(newcomer)}


async def a_new_address(world, me, _, __):
    mail = world.desk.confirmations.new_address_mail(me, uuid4(), f"{uuid4()}@erdre.example")
    return {"token": re.search(r"jeton=(\S+)", mail.text)[1]}


async def a_password_link(world, me, _, __):
    return {"token": world.desk.confirmations.password_token(me), "password": ANOTHER}


async def an_invitation_link(world, me, home, _):
    invited, _ = await world.somebody()
    invitation = await world.invitation(me, home, invited.email)
    return {"token": world.desk.confirmations.invitation_token(invitation)}


async def a_new_keeper(world, _, home, __):
    return {"account_id": str((await world.colleague(home)).id)}


GIVEN = {
    **dict.fromkeys(("sign_in", "export_account", "erase_account"), their_credentials),
    **dict.fromkeys(("ask_for_new_address", "begin_second_factor"), their_password),
    **dict.fromkeys(("renew_recovery_codes", "remove_second_factor"), a_code),
    "change_password": both_passwords,
    "confirm_second_factor": a_first_code,
    "refresh_session": a_refresh_token,
    "confirm_address": a_confirmation,
    "confirm_new_address": a_new_address,
    "choose_password": a_password_link,
    "accept_invitation": an_invitation_link,
    "hand_over_event": a_new_keeper,
}


ROLES = ("stranger", "member", "program", "coordinator", "reviewer", "administrator")


class Visits(World):
    """The same, asked by those whose it is not: turn by turn."""

    def __init__(self, *args):
        super().__init__(*args)
        self.turns = cycle([*ROLES, "nobody"])
        self.asks, self.let_in = {}, defaultdict(set)

    async def signature(self, case, me, home):
        who = self.asks[case.drawn.id] = next(self.turns)
        match who:
            case "nobody":
                return None
            case "program":
                return f"Bearer {(await self.key(me, home, 'events:read', 'events:write'))[1]}"
            case "member":
                return self.token(await self.colleague(home))
        role = "organiser" if who == "stranger" else who
        somebody, _ = await self.once(("visitor", role), self.somebody, role, is_fresh=False)
        return self.token(somebody)

    def hear(self, case, status):
        if status < 300 and (who := self.asks.get(case.drawn.id)):
            self.let_in[who].add(case.operation)


def operations_of(told):
    """All operations of a description, by the name that schemathesis gives them."""
    paths = told["paths"].items()
    return {f"{method.upper()} {path}": one for path, methods in paths for method, one in methods.items()}


def code_of(secret):
    return second_factor.code_of(secret, second_factor.step_at(time.time()))


@pytest.fixture
def a_world(service, clock, a_draft, a_decision, hear):
    async def make(kind):
        async def label(event_id):
            await hear(a_decision(event_id, 1, 1, "granted"))

        password_hash = await service.http.state.desk.passwords.hash(PASSWORD, "here")
        return kind(service, clock, a_draft, label, password_hash)

    return make


WHOLE_DRAFTS = ("create_event", "replace_event", "replace_by_external_id", "validate_draft")
"""Whose boundaries are five hundred each."""
PICTURES = ("give_picture",)


@pytest.mark.timeout(900)  # a minute of a processor, which may be shared
async def test_what_the_description_allows_is_done_and_what_it_forbids_is_refused_in_its_words(
    a_world, service, address
):
    world = await a_world(World)
    asking = Asking(
        make_real=world.make_real,
        excused=SAID.match,
        not_covered=WHOLE_DRAFTS,
        any_body=PICTURES,
        beside_ids=("validate_draft", "read_template_csv", "read_template_workbook", "sign_out", "leave_organisation"),
    )
    heard = await asyncio.to_thread(asking.ask, f"{address}/openapi.json")
    assert not heard.wrong, heard.faults()
    never = set(operations_of(service.http.openapi())) - heard.accepted()
    assert not never, {name: dict(heard.answers[name]) for name in never}


@pytest.mark.timeout(900)
async def test_whoever_else_asks_is_answered_as_the_description_says_and_let_in_where_it_says(
    a_world, service, address
):
    world, told = await a_world(Visits), operations_of(service.http.openapi()).values()
    asking = Asking(
        make_real=world.make_real,
        phases=("fuzzing",),
        examples=len(ROLES) + 1,
        mode="positive",
        any_body=PICTURES,
        told=world.hear,
        must_accept=False,  # who may do what is looked at here
    )
    heard = await asyncio.to_thread(asking.ask, f"{address}/openapi.json")
    assert not heard.wrong, heard.faults()
    open_to_all = {one["operationId"] for one in told if "security" not in one}
    by_key = {one["operationId"] for one in told if any("Cle" in way for way in one.get("security", ()))}
    inside = {who: let_in - open_to_all for who, let_in in world.let_in.items()}
    assert inside.pop("nobody", set()) == set()
    assert inside["program"] <= by_key
    assert {who for who, let_in in inside.items() if let_in} == {*ROLES}
