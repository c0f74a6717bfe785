"""Who is asking: a token that registration signed, and nothing else."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from uuid import UUID

import jwt
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from backbone.http.access import AUDIENCE, ISSUER, Caller, NotSignedIn, PublishedKeys, Signer, read_token

REVIEWER = Caller(UUID(int=1), "reviewer", frozenset({"84", "11"}), "DREETS", "Inès Payet")
KEY = Ed25519PrivateKey.generate()


@pytest.fixture
def signer():
    return Signer(KEY, "key-1")


def claims(**instead):
    now = datetime.now(UTC)
    usual = {"iss": ISSUER, "aud": AUDIENCE, "sub": str(UUID(int=1)), "role": "reviewer", "iat": now}
    told = {**usual, "exp": now + timedelta(minutes=5), **instead}
    return {name: value for name, value in told.items() if value is not None}


def signed(key=KEY, algorithm="EdDSA", kid="key-1", **instead):
    return jwt.encode(claims(**instead), key, algorithm=algorithm, headers={"kid": kid})


async def test_a_token_names_its_caller(signer):
    assert await read_token(signer.sign(REVIEWER), signer) == REVIEWER
    assert await read_token(signed(), signer) == Caller(UUID(int=1), "reviewer")


def unsigned():
    parts = [{"alg": "none", "typ": "JWT", "kid": "key-1"}, claims(exp=2**33, iat=1)]
    return ".".join(urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + "."


PUBLIC_BYTES = KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
AGO = datetime.now(UTC) - timedelta(minutes=20)


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(signed(exp=AGO), id="expired"),
        pytest.param(signed(iat=datetime.now(UTC) + timedelta(minutes=5)), id="signed in the future"),
        pytest.param(signed(aud="another"), id="for somebody else"),
        pytest.param(signed(iss="labelling"), id="by somebody else"),
        pytest.param(signed(exp=None), id="without an end"),
        pytest.param(signed(sub=None), id="of nobody"),
        pytest.param(signed(role=None), id="without a role"),
        pytest.param(signed(sub="marie"), id="of no account"),
        pytest.param(signed(Ed25519PrivateKey.generate()), id="another key under the same name"),
        pytest.param(signed(kid="key-2"), id="a key not known"),
        pytest.param(signed(PUBLIC_BYTES, "HS256"), id="the public key taken for a secret"),
        pytest.param(unsigned(), id="not signed at all"),
        pytest.param(jwt.encode(claims(), KEY, algorithm="EdDSA"), id="no key named"),
        pytest.param(signed()[:-8] + "AAAAAAAA", id="signature changed"),
        pytest.param("", id="empty"),
        pytest.param("a.b.c", id="no token"),
        pytest.param("é", id="not even ASCII"),
    ],
)
@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
async def test_any_other_token_is_nobody_s(signer, token):
    with pytest.raises(NotSignedIn):
        await read_token(token, signer)


async def test_a_token_signed_by_a_machine_whose_clock_is_a_little_ahead_is_good_at_once(signer):
    ahead = datetime.now(UTC) + timedelta(seconds=4)
    assert (await read_token(signed(iat=ahead), signer)).role == "reviewer"


class Registration:
    """Its JWKS address on the loopback: counts who asks, and can be away."""

    def __init__(self, signer: Signer) -> None:
        self.signer, self.asked, self.is_away = signer, 0, False

    async def jwks(self, _: web.Request) -> web.Response:
        self.asked += 1
        if self.is_away:
            return web.Response(status=503, text="later")
        return web.json_response(self.signer.jwks())


@pytest.fixture
async def registration(signer):
    registration = Registration(signer)
    app = web.Application()
    app.router.add_get("/.well-known/jwks.json", registration.jwks)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    registration.url = f"http://127.0.0.1:{runner.addresses[0][1]}/.well-known/jwks.json"
    yield registration
    await runner.cleanup()


async def test_the_keys_are_fetched_once_for_many_tokens(registration, signer):
    keys = PublishedKeys(registration.url)
    for _ in range(20):
        assert await read_token(signer.sign(REVIEWER), keys) == REVIEWER
    assert registration.asked == 1


async def test_keys_that_are_known_hold_while_registration_is_away(registration, signer, monkeypatch):
    keys = PublishedKeys(registration.url)
    await read_token(signer.sign(REVIEWER), keys)
    registration.is_away = True
    monkeypatch.setattr("backbone.http.access.KEYS_LIFE_SECONDS", 0.0)
    monkeypatch.setattr("backbone.http.access.AWAY_PAUSE_SECONDS", 0.0)
    assert await read_token(signer.sign(REVIEWER), keys) == REVIEWER
    assert registration.asked == 2
    registration.is_away = False
    assert await read_token(signer.sign(REVIEWER), keys) == REVIEWER
    assert registration.asked == 3


async def test_forged_tokens_cause_no_traffic(registration, signer, monkeypatch):
    monkeypatch.setattr("backbone.http.access.AWAY_PAUSE_SECONDS", 0.0)
    keys = PublishedKeys(registration.url)
    for _ in range(20):
        with pytest.raises(NotSignedIn):
            await read_token(signed(kid="key-2"), keys)
    assert registration.asked == 1
    assert await read_token(signer.sign(REVIEWER), keys) == REVIEWER


async def test_registration_that_is_away_is_not_asked_for_every_request(registration, signer):
    registration.is_away = True
    keys = PublishedKeys(registration.url)
    for _ in range(20):
        with pytest.raises(NotSignedIn):
            await read_token(signer.sign(REVIEWER), keys)
    assert registration.asked == 1


async def test_a_key_that_is_new_is_fetched_after_a_pause(registration, monkeypatch):
    keys = PublishedKeys(registration.url)
    await read_token(signed(), keys)
    registration.signer = Signer(KEY, "key-2")
    monkeypatch.setattr("backbone.http.access.KEYS_PAUSE_SECONDS", 0.0)
    monkeypatch.setattr("backbone.http.access.AWAY_PAUSE_SECONDS", 0.0)
    assert (await read_token(signed(kid="key-2"), keys)).role == "reviewer"
    assert registration.asked == 2


@pytest.mark.parametrize("body", ["", "{", "[]", '{"keys": []}', '{"keys": [{"kty": "what"}]}'])
async def test_an_answer_that_is_no_set_of_keys_lets_nobody_in(registration, signer, body):
    class Garbled:
        def jwks(self):
            return json.loads(body)

    registration.signer = Garbled()
    with pytest.raises(NotSignedIn):
        await read_token(signer.sign(REVIEWER), PublishedKeys(registration.url))
