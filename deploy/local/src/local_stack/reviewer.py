"""A reviewer for whoever looks around in the demonstration: an account of the ordinary kind, given every region.

It has a second factor, as every reviewer must: the stack holds the secret of its app in a file of its own, beside its
password, and shows the code where somebody signs in by hand.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from pathlib import Path
from typing import Any

import httpx

from backbone.campaign.geography import REVIEW_REGIONS
from backbone.testing.authenticator import Authenticator

from .organisers import Letterbox, Organiser
from .places import Places, write_secret
from .program import Program
from .stack import command_of

EMAIL = "relecture@comites.example"
SECOND_FACTOR = "/problemes/second-facteur"


def reviewer(places: Places) -> Organiser:
    """The reviewer, with a password that is made at the first call and stands in a file of this stack alone."""
    file = places.secrets / "reviewer-password"
    if not file.exists():
        write_secret(file, secrets.token_urlsafe(18))
    return Organiser("Camille Relecture", EMAIL, file.read_text(), "Comités régionaux")


def reviewer_code(places: Places) -> str:
    """The code that the reviewer's app shows now. Raises RuntimeError where it has none yet."""
    app = _app(places)
    if app is None:
        raise RuntimeError("the reviewer has no second factor yet: `make token` sets it")
    return app.code()


async def reviewer_token(places: Places) -> str:
    """A fresh access token of the reviewer, whose account is opened, given its regions and its second factor the first
    time. Raises RuntimeError."""
    who = reviewer(places)
    async with httpx.AsyncClient(base_url=places.addresses()["registration"], timeout=30.0) as client:
        token = await _went_on(client, places) or await _signed_in(client, places, who)
        if token is None:
            await Program(client, who).sign_up(Letterbox(places.mailbox))
            await _grant(places)
            token = await _signed_in(client, places, who)
        if token is None or token["second_factor"] != "shown":
            raise RuntimeError("the reviewer cannot sign in")
        _keep(places.secrets / "reviewer-refresh", token["refresh_token"])
        return str(token["access_token"])


async def _went_on(client: httpx.AsyncClient, places: Places) -> dict[str, Any] | None:
    """Without a code, which serves once in half a minute."""
    file = places.secrets / "reviewer-refresh"
    if not file.exists():
        return None
    answer = await client.post("/v1/tokens/refresh", json={"refresh_token": file.read_text()})
    token: dict[str, Any] = answer.json()
    return token if answer.is_success and token["second_factor"] == "shown" else None


async def _signed_in(client: httpx.AsyncClient, places: Places, who: Organiser) -> dict[str, Any] | None:
    """None if there is no such account yet, or it has not its role."""
    app = _app(places)
    given: dict[str, Any] = {"email": who.email, "password": who.password}
    answer = await client.post("/v1/tokens", json=given)
    if answer.json().get("type") == SECOND_FACTOR:
        if app is None:
            raise RuntimeError(f'its second factor is lost: make run ARGS="registration reset-second-factor {EMAIL}"')
        answer = await client.post("/v1/tokens", json=given | {"code": app.code()})
        if answer.json().get("type") == SECOND_FACTOR:  # somebody has used this one
            answer = await client.post("/v1/tokens", json=given | {"code": await app.next_code()})
    if answer.is_error:
        return None
    token: dict[str, Any] = answer.json()
    if token["second_factor"] == "none":
        return None
    return await _set_up(client, places, who, token) if token["second_factor"] == "required" else token


async def _set_up(client: httpx.AsyncClient, places: Places, who: Organiser, token: dict[str, Any]) -> dict[str, Any]:
    shown = {"Authorization": f"Bearer {token['access_token']}"}
    asked = await client.post("/v1/second-factor", json={"password": who.password}, headers=shown)
    setting = asked.raise_for_status().json()
    app = Authenticator(setting["secret"])
    _keep(places.secrets / "reviewer-second-factor", app.secret)
    given = {"ticket": setting["ticket"], "code": app.code()}
    (await client.post("/v1/second-factor/confirmation", json=given, headers=shown)).raise_for_status()
    renewed = await client.post("/v1/tokens/refresh", json={"refresh_token": token["refresh_token"]})
    strong: dict[str, Any] = renewed.raise_for_status().json()
    return strong


def _app(places: Places) -> Authenticator | None:
    file = places.secrets / "reviewer-second-factor"
    return Authenticator(file.read_text()) if file.exists() else None


def _keep(file: Path, secret: str) -> None:
    file.unlink(missing_ok=True)
    write_secret(file, secret)


async def _grant(places: Places) -> None:
    settings = places.settings()["registration"]
    command = (command_of("registration"), "grant", EMAIL, "reviewer", *REVIEW_REGIONS)
    process = await asyncio.create_subprocess_exec(*command, env={**os.environ, **settings})
    if await process.wait():
        raise RuntimeError("the reviewer was not given its regions")
