"""A reviewer for whoever looks around in the demonstration: an account of the ordinary kind, given every region."""

from __future__ import annotations

import asyncio
import os
import secrets

import httpx

from backbone.campaign.geography import REVIEW_REGIONS

from .organisers import Api, Letterbox, Organiser
from .places import Places, write_secret
from .stack import command_of

EMAIL = "relecture@comites.example"


def reviewer(places: Places) -> Organiser:
    """The reviewer, with a password that is made at the first call and stands in a file of this stack alone."""
    file = places.secrets / "reviewer-password"
    if not file.exists():
        write_secret(file, secrets.token_urlsafe(18))
    return Organiser("Camille Relecture", EMAIL, file.read_text(), "Comités régionaux")


async def reviewer_token(places: Places) -> str:
    """A fresh access token of the reviewer, whose account is opened and given its regions the first time."""
    who = reviewer(places)
    async with httpx.AsyncClient(base_url=places.addresses()["registration"], timeout=30.0) as client:
        api = Api(client, who)
        await api.sign_up(Letterbox(places.mailbox))
        await _grant(places)
        return await api.fresh_token()


async def _grant(places: Places) -> None:
    settings = places.settings()["registration"]
    command = (command_of("registration"), "grant", EMAIL, "reviewer", *REVIEW_REGIONS)
    process = await asyncio.create_subprocess_exec(*command, env={**os.environ, **settings})
    if await process.wait():
        raise RuntimeError("the reviewer was not given its regions")
