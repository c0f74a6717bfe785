"""One signing key takes the place of another, step by step, and nobody is signed out."""

from __future__ import annotations

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from httpx import ASGITransport, AsyncClient
from pydantic import SecretStr

from backbone.service.floor import open_floor
from registration.app import create_app
from registration.keys import read_private_keys

EMAIL, PASSWORD = "ines@fonderie.example", "douze lettres, ou plus"


def a_pem(key=None):
    return (
        (key or Ed25519PrivateKey.generate()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    )


@pytest.fixture
async def restarted(settings, clock, mailer, monkeypatch):
    """Registration, started anew with these keys."""
    services = []

    async def start(*pems):
        apart = settings.model_copy(update={"signing_key": SecretStr("\n".join(pems))})
        services.append(create_app(apart, open_floor(apart, clock=clock), mailer=mailer))
        return AsyncClient(transport=ASGITransport(services[-1].http), base_url="http://registration")

    yield start
    for service in services:
        await service.engine.dispose()


def kid(token):
    return jwt.get_unverified_header(token)["kid"]


async def published(client):
    return [key["kid"] for key in (await client.get("/.well-known/jwks.json")).json()["keys"]]


async def test_a_key_takes_the_place_of_another_and_nobody_is_signed_out(
    settings, restarted, sign_up, client, worker, token_in_mail
):
    old, new = settings.signing_key.get_secret_value(), a_pem()
    await sign_up(EMAIL)
    before = (await client.post("/v1/tokens", json={"email": EMAIL, "password": PASSWORD})).json()
    await client.post("/v1/accounts/password-links", json={"email": EMAIL})
    assert await worker.run_due() == 1
    link = token_in_mail()

    first = await restarted(old, new)  # known to all, before it signs
    assert len(await published(first)) == 2
    assert kid(
        (await first.post("/v1/tokens", json={"email": EMAIL, "password": PASSWORD})).json()["access_token"]
    ) == kid(before["access_token"])

    second = await restarted(new, old)
    assert len(await published(second)) == 2
    shown = {"Authorization": f"Bearer {before['access_token']}"}
    assert (await second.get("/v1/events", headers=shown)).status_code == 200
    went_on = await second.post("/v1/tokens/refresh", json={"refresh_token": before["refresh_token"]})
    after = went_on.json()
    assert kid(after["access_token"]) == (await published(second))[0] != kid(before["access_token"])
    # a tab that asked with the same before the restart is given the same
    assert (await first.post("/v1/tokens/refresh", json={"refresh_token": before["refresh_token"]})).json()[
        "refresh_token"
    ] == after["refresh_token"]
    chosen = {"token": link, "password": "une tout autre phrase"}
    assert (await second.post("/v1/accounts/passwords", json=chosen)).status_code == 200

    third = await restarted(new)
    assert await published(third) == [kid(after["access_token"])]
    assert (await third.get("/v1/events", headers=shown)).status_code == 401
    shown = {"Authorization": f"Bearer {after['access_token']}"}
    assert (await third.get("/v1/events", headers=shown)).status_code == 200


async def test_a_link_of_a_key_that_is_gone_is_no_longer_good(restarted, client, sign_up, worker, token_in_mail):
    await sign_up(EMAIL)
    await client.post("/v1/accounts/password-links", json={"email": EMAIL})
    assert await worker.run_due() == 1
    anew = await restarted(a_pem())
    chosen = {"token": token_in_mail(), "password": "une tout autre phrase"}
    assert (await anew.post("/v1/accounts/passwords", json=chosen)).status_code == 410


@pytest.mark.parametrize(
    "pem",
    ["", "nonsense", a_pem(generate_private_key(65537, 2048)), a_pem() + a_pem(generate_private_key(65537, 2048))],
)
def test_what_is_no_signing_key_is_said_at_the_start(pem):
    with pytest.raises(ValueError, match=r"(?i)key|pem|deserialize"):
        read_private_keys(pem)
