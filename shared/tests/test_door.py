"""Clients that are slow, silent, greedy or gone: each loses its place, and nobody else notices."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from ipaddress import ip_network

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from backbone.http.door import Limits, opened

QUICK = Limits(head=0.3, body=0.3, rest=0.3, reading=0.3, leaving=0.3)
PATIENT = Limits(head=60, body=60, rest=60, reading=60, leaving=60)
LOOPBACK = (ip_network("127.0.0.0/8"),)


async def greet(request):
    return PlainTextResponse(f"bonjour {request.client.host}")


async def repeat(request):
    return PlainTextResponse(f"{len(await request.body())} octets")


async def refuse(request):
    return PlainTextResponse("non", 403)


working: list[asyncio.Event] = []


async def work(request):
    working.append(done := asyncio.Event())
    await done.wait()
    return PlainTextResponse("fait")


async def tell_much(request):
    return PlainTextResponse("x" * 20_000_000)


@asynccontextmanager
async def served(limits, proxies=()):
    """A server with a door of these limits; gives the address."""
    routes = [
        Route("/", greet),
        Route("/repeat", repeat, methods=["POST"]),
        Route("/refuse", refuse, methods=["POST"]),
        Route("/much", tell_much),
        Route("/work", work),
    ]
    config = uvicorn.Config(
        Starlette(routes=routes),
        port=0,
        http=opened(limits, proxies),
        log_config=None,
        lifespan="off",
        timeout_graceful_shutdown=1,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=[str(network) for network in proxies],
    )
    server, bound = uvicorn.Server(config), config.bind_socket()
    serving = asyncio.create_task(server._serve([bound]))
    try:
        while not server.started:
            await asyncio.sleep(0.01)
        yield bound.getsockname()
    finally:
        server.should_exit = True
        await serving


@asynccontextmanager
async def connected(address):
    reader, writer = await asyncio.open_connection(*address)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def all_of(reader):
    """What the server says until it ends the connection."""
    async with asyncio.timeout(60):
        try:
            return await reader.read()
        except ConnectionResetError:
            return b"(reset)"


def status_of(answer):
    return int(answer.split()[1])


async def greeting(address):
    async with httpx.AsyncClient() as client:
        return await client.get(f"http://{address[0]}:{address[1]}/")


async def test_who_says_nothing_is_let_go():
    async with served(QUICK) as address, connected(address) as (reader, _):
        assert await all_of(reader) == b""


@pytest.mark.parametrize("drip", [b"GET / HTTP/1.1\r\nHost: ici\r\nX-Long: ", b"GET"])
async def test_headers_that_come_a_byte_at_a_time_are_awaited_no_longer_than_their_deadline(drip):
    async with served(QUICK) as address, connected(address) as (reader, writer):

        async def drop_by_drop():
            for byte in drip + b"x" * 10_000:
                writer.write(bytes([byte]))
                await asyncio.sleep(0.02)

        dropping = asyncio.create_task(drop_by_drop())
        answer = await all_of(reader)
        dropping.cancel()
    assert status_of(answer) == 408
    assert b'"type": "/problemes/demande-trop-lente"' in answer
    assert b"Connection: close" in answer


async def test_what_is_no_request_is_refused_in_words():
    async with served(PATIENT) as address, connected(address) as (reader, writer):
        writer.write(b"HELLO\r\n\r\n")
        answer = await all_of(reader)
    assert status_of(answer) == 400
    assert "Ce n’est pas une demande HTTP que nous sachions lire." in answer.decode()


async def test_headers_without_end_are_refused_in_words():
    async with served(PATIENT) as address, connected(address) as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nHost: ici\r\nX-Long: " + b"x" * 200_000)
        assert status_of(await all_of(reader)) == 400


async def test_a_second_request_on_the_same_connection_has_the_same_deadline():
    async with served(QUICK) as address, connected(address) as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nHost: ici\r\n\r\n")
        assert (await reader.readuntil(b"bonjour")).startswith(b"HTTP/1.1 200")
        writer.write(b"GET / HTTP/1.1\r\nHo")
        assert b" 408 " in await all_of(reader)


async def test_a_body_that_comes_a_byte_at_a_time_is_awaited_no_longer_than_its_deadline():
    async with served(QUICK) as address, connected(address) as (reader, writer):
        writer.write(b"POST /repeat HTTP/1.1\r\nHost: ici\r\nContent-Length: 1000\r\n\r\n")

        async def drop_by_drop():
            for _ in range(1000):
                writer.write(b"x")
                await asyncio.sleep(0.02)

        dropping = asyncio.create_task(drop_by_drop())
        answer = await all_of(reader)
        dropping.cancel()
    assert status_of(answer) == 408
    assert "Votre demande arrive trop lentement. Réessayez." in answer.decode()


async def test_a_long_body_is_awaited_as_long_as_a_slow_line_needs_for_it():
    async with served(replace(QUICK, pace=500.0)) as address, connected(address) as (reader, writer):
        writer.write(b"POST /repeat HTTP/1.1\r\nHost: ici\r\nConnection: close\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(10):
            writer.write(b"x" * 100)
            await asyncio.sleep(0.05)  # half a second in all: more than a body of no length is given
        answer = await all_of(reader)
    assert status_of(answer) == 200
    assert answer.endswith(b"1000 octets")


async def test_a_body_that_never_ends_is_not_read_for_ever_once_it_is_answered():
    async with served(QUICK) as address, connected(address) as (reader, writer):
        writer.write(b"POST /refuse HTTP/1.1\r\nHost: ici\r\nTransfer-Encoding: chunked\r\n\r\n")

        async def pour():
            while True:
                writer.write(b"3e8\r\n" + b"x" * 1000 + b"\r\n")
                await writer.drain()
                await asyncio.sleep(0.005)

        pouring = asyncio.create_task(pour())
        assert (await reader.readuntil(b"non")).startswith(b"HTTP/1.1 403")
        assert await all_of(reader) in (b"", b"(reset)")
        pouring.cancel()
        await asyncio.gather(pouring, return_exceptions=True)


async def test_who_does_not_take_the_answer_is_let_go():
    async with served(QUICK) as address, connected(address) as (_, writer):
        writer.transport.pause_reading()
        writer.write(b"GET /much HTTP/1.1\r\nHost: ici\r\n\r\n")
        async with asyncio.timeout(60):
            while True:  # a connection that was ended refuses what is written to it
                writer.write(b" ")
                await asyncio.sleep(0.05)
                if writer.transport.is_closing():
                    break


async def test_a_client_that_holds_its_share_is_told_so_and_the_others_get_in():
    limits = Limits(**{**vars(PATIENT), "most": 50, "most_of_client": 5})
    async with served(limits, proxies=[ip_network("127.0.0.2/32")]) as address:
        mine = [await asyncio.open_connection(*address) for _ in range(5)]
        refused = await greeting(address)
        assert refused.status_code == 429
        assert refused.headers["retry-after"] == "5"
        assert refused.json()["detail"] == "Trop de connexions ouvertes depuis votre adresse ; fermez-en."
        async with httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(local_address="127.0.0.3")) as other:
            assert (await other.get(f"http://{address[0]}:{address[1]}/")).text == "bonjour 127.0.0.3"
        mine.pop()[1].transport.abort()
        async with asyncio.timeout(60):
            while (await greeting(address)).status_code != 200:
                await asyncio.sleep(0.02)
        for _, writer in mine:
            writer.transport.abort()


async def test_a_trusted_proxy_has_no_share_and_says_who_is_behind_it():
    limits = Limits(**{**vars(PATIENT), "most_of_client": 3})
    async with served(limits, proxies=LOOPBACK) as address:
        held = [await asyncio.open_connection(*address) for _ in range(10)]
        async with httpx.AsyncClient(headers={"X-Forwarded-For": "198.51.100.7"}) as client:
            assert (await client.get(f"http://{address[0]}:{address[1]}/")).text == "bonjour 198.51.100.7"
        for _, writer in held:
            writer.transport.abort()


async def test_nobody_is_believed_to_be_a_proxy_who_was_not_named():
    async with served(PATIENT) as address, httpx.AsyncClient(headers={"X-Forwarded-For": "198.51.100.7"}) as client:
        assert (await client.get(f"http://{address[0]}:{address[1]}/")).text == "bonjour 127.0.0.1"


async def test_when_all_places_are_taken_who_was_silent_longest_makes_room():
    limits = Limits(**{**vars(PATIENT), "most": 10, "most_of_client": 100})
    async with served(limits) as address:
        silent = [await asyncio.open_connection(*address) for _ in range(10)]
        assert [(await greeting(address)).text for _ in range(5)] == ["bonjour 127.0.0.1"] * 5
        assert await all_of(silent[0][0]) in (b"", b"(reset)")
        for _, writer in silent:
            writer.transport.abort()


async def test_who_dawdles_over_a_body_makes_room_too_and_is_told_so():
    limits = Limits(**{**vars(PATIENT), "most": 10, "most_of_client": 100})
    async with served(limits) as address:
        slow = [await asyncio.open_connection(*address) for _ in range(10)]
        for _, writer in slow:
            writer.write(b"POST /repeat HTTP/1.1\r\nHost: ici\r\nContent-Length: 10\r\n\r\nx")
        async with asyncio.timeout(60):
            assert b" 503 " in (await asyncio.gather(slow[0][0].readline(), greeting(address)))[0]
        assert [(await greeting(address)).text for _ in range(5)] == ["bonjour 127.0.0.1"] * 5
        for _, writer in slow:
            writer.transport.abort()


async def test_who_does_not_read_makes_room_too():
    limits = Limits(**{**vars(PATIENT), "most": 3, "most_of_client": 100})
    async with served(limits) as address:
        deaf = [await asyncio.open_connection(*address, limit=1000) for _ in range(3)]
        for reader, writer in deaf:
            writer.write(b"GET /much HTTP/1.1\r\nHost: ici\r\n\r\n")
            await reader.readline()
            writer.transport.pause_reading()
        assert [(await greeting(address)).text for _ in range(5)] == ["bonjour 127.0.0.1"] * 5
        for _, writer in deaf:
            writer.transport.abort()


async def test_when_everybody_is_being_served_the_next_is_told_to_come_back():
    limits = Limits(**{**vars(PATIENT), "most": 3})
    async with served(limits) as address:
        busy = [await asyncio.open_connection(*address) for _ in range(3)]
        for _, writer in busy:
            writer.write(b"GET /work HTTP/1.1\r\nHost: ici\r\n\r\n")
        async with asyncio.timeout(60):
            while (answer := await greeting(address)).status_code != 503 or len(working) < 3:
                await asyncio.sleep(0.02)
        assert answer.json()["type"] == "/problemes/service-momentanement-indisponible"
        assert answer.headers["retry-after"] == "5"
        for done in working:  # they were not disturbed
            done.set()
        for reader, writer in busy:
            assert b"fait" in await reader.readuntil(b"fait")
            writer.transport.abort()


async def test_a_flood_of_farewells_keeps_nobody_out():
    limits = Limits(**{**vars(PATIENT), "most": 10, "most_of_client": 2})
    async with served(limits) as address:
        flood = [await asyncio.open_connection(*address) for _ in range(200)]
        async with httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(local_address="127.0.0.3")) as other:
            assert (await other.get(f"http://{address[0]}:{address[1]}/")).text == "bonjour 127.0.0.3"
        for _, writer in flood:
            writer.transport.abort()
