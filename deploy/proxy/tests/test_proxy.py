"""The shipped front, as Debian's nginx runs it with the configuration that is shipped; only its ports are others."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import uvicorn
import yaml
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from local_stack.ports import free_port

SHIPPED = Path(__file__).parents[1]
ROOT = SHIPPED.parents[1]
NAMES = {"8080": "carte", "8081": "inscription", "8082": "label"}


def nginx() -> str:
    for found in (shutil.which("nginx"), ROOT / ".local/nginx/usr/sbin/nginx"):
        if found and Path(found).exists():
            return str(found)
    pytest.fail("nginx is not installed: run deploy/setup test")


@dataclass
class Front:
    """A running nginx, and what it listens on instead of its own ports."""

    ports: dict[str, int]
    folder: Path

    def url(self, port: str) -> str:
        return f"http://127.0.0.1:{self.ports[port]}"


def started(
    folder: Path,
    service: int,
    configuration: str = "plain.conf",
    *,
    patience: str = "",
    strict: bool = False,
    labelling: int = 0,
    kits: int = 0,
    places: int = 0,
) -> Iterator[Front]:
    """nginx with the shipped configuration, in front of one service that plays all of them, but `labelling`, `kits`
    and `places` where they have a port of their own. `patience`: how long it waits
    for what a client sends, where a test should not wait as long as that; `strict`: an address may ask three
    times, then once a minute."""
    ports = {port: free_port() for port in ("8080", "8081", "8082", "8001", "8443")}
    for file in SHIPPED.glob("*.conf"):
        text = file.read_text().replace("labelling:8000", f"127.0.0.1:{labelling or service}")
        text = text.replace("commskit:8000", f"127.0.0.1:{kits or service}")
        text = text.replace("geocoding:8000", f"127.0.0.1:{places or service}")
        text = re.sub(r"(?:map-feed|registration|labelling):8000", f"127.0.0.1:{service}", text)
        text = re.sub(r"listen (?:127\.0\.0\.1:)?(\d{4})", lambda found: f"listen 127.0.0.1:{ports[found[1]]}", text)
        text = text.replace("/tmp/", f"{folder}/").replace("access_log /dev/stdout", f"access_log {folder}/access.log")
        if patience:
            text = re.sub(r"(client_(?:header|body)_timeout) \d+s", rf"\1 {patience}", text)
        if strict:
            text = re.sub(r"rate=\w+/s", "rate=1r/m", text).replace("burst=200", "burst=2")
        (folder / file.name).write_text(text)
    command = [nginx(), "-e", "stderr", "-p", str(folder), "-c", configuration]
    process = subprocess.Popen(command, stderr=(folder / "error.log").open("w"))
    try:
        yield Front(ports, folder)
    finally:
        process.terminate()
        process.wait(30)


heard: list[str] = []


async def echo(request: Request) -> JSONResponse:
    """What arrived, as the service sees it."""
    heard.append(request.method)
    body = await request.body()
    return JSONResponse({"path": request.url.path, "headers": dict(request.headers), "bytes": len(body)})


@asynccontextmanager
async def service(port: int) -> AsyncIterator[None]:
    app = Starlette(routes=[Route("/{path:path}", echo, methods=["GET", "POST"])])
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, lifespan="off", proxy_headers=False))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        await serving


@pytest.fixture(scope="module")
async def front(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Front]:
    port, folder = free_port(), tmp_path_factory.mktemp("plain")
    async with service(port):
        for front in started(folder, port):
            await until_up(front)
            yield front


async def until_up(front: Front) -> None:
    async with asyncio.timeout(60), httpx.AsyncClient() as client:
        while True:
            try:
                assert (await client.get(f"{front.url('8001')}/health/ready")).status_code == 200
                return
            except httpx.TransportError:
                await asyncio.sleep(0.02)


async def raw(front: Front, sent: bytes, port: str = "8081") -> bytes:
    """What comes back until nginx ends the connection, in whatever way."""
    reader, writer = await asyncio.open_connection("127.0.0.1", front.ports[port])
    try:
        writer.write(sent)
        async with asyncio.timeout(60):
            return await reader.read()
    except ConnectionResetError:
        return b""
    finally:
        writer.transport.abort()


def assert_problem(answer: httpx.Response, status: int) -> None:
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("application/problem+json")
    body = answer.json()
    assert body["status"] == status
    assert body["type"].startswith("/problemes/")
    assert {"title", "detail"} <= body.keys()


async def test_who_a_client_says_it_is_does_not_reach_the_service(front: Front) -> None:
    claims = {
        "X-Forwarded-For": "198.51.100.7",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "ailleurs.example",
        "X-Real-IP": "198.51.100.7",
        "Forwarded": "for=198.51.100.7",
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "tracestate": "theirs=ailleurs.example",
        "baggage": "who=ailleurs.example",
    }
    async with httpx.AsyncClient() as client:
        for port in NAMES:
            seen = (await client.get(f"{front.url(port)}/v1/events", headers=claims)).json()["headers"]
            assert (seen["x-forwarded-for"], seen["x-forwarded-proto"]) == ("127.0.0.1", "http")
            assert "198.51.100.7" not in json.dumps(seen)
            assert "ailleurs.example" not in json.dumps(seen)
            assert "0af7651916cd43dd8448eb211c80319c" not in json.dumps(seen)


@pytest.mark.parametrize(
    "path", ["/health/live", "/health/ready", "/health/counts", "/health", "//health/live", "/-/away"]
)
async def test_nobody_outside_asks_how_a_service_is(front: Front, path: str) -> None:
    async with httpx.AsyncClient() as client:
        for port in NAMES:
            assert_problem(await client.get(f"{front.url(port)}{path}"), 404)


async def test_addresses_reach_the_service_as_they_were_written(front: Front) -> None:
    async with httpx.AsyncClient() as client:
        seen = (await client.get(f"{front.url('8081')}/v1/events/a%20b?x=%2F")).json()
    assert seen["path"] == "/v1/events/a b"


async def test_a_body_over_the_limit_is_refused_in_words(front: Front) -> None:
    async with httpx.AsyncClient() as client:
        assert (await client.post(f"{front.url('8081')}/v1/events", content=b"x" * 65_536)).json()["bytes"] == 65_536
        assert_problem(await client.post(f"{front.url('8081')}/v1/events", content=b"x" * 65_537), 413)
        assert_problem(await client.post(f"{front.url('8080')}/", content=b"x" * 2000), 413)
        for path in ("/v1/uploads", "/import", "/v1/events/7/picture", "/evenements/7/image"):
            assert (await client.post(f"{front.url('8081')}{path}", content=b"x" * 8_000_000)).status_code == 200
            for port in ("8080", "8082"):
                assert_problem(await client.post(f"{front.url(port)}{path}", content=b"x" * 65_537), 413)

        async def without_a_length() -> AsyncIterator[bytes]:
            for _ in range(100):
                yield b"x" * 1000

        assert_problem(await client.post(f"{front.url('8081')}/v1/events", content=without_a_length()), 413)


async def test_a_file_of_events_goes_through_to_registration_and_to_nobody_else(front: Front) -> None:
    file = b"x" * 2_000_000
    async with httpx.AsyncClient() as client:
        assert (await client.post(f"{front.url('8081')}/v1/uploads", content=file)).json()["bytes"] == len(file)
        assert_problem(await client.post(f"{front.url('8081')}/v1/uploads/x", content=file), 413)
        assert_problem(await client.post(f"{front.url('8082')}/v1/uploads", content=file), 413)


async def test_headers_over_the_limit_are_refused_in_words(front: Front) -> None:
    async with httpx.AsyncClient() as client:
        assert_problem(await client.get(f"{front.url('8081')}/", headers={"X-Long": "x" * 40_000}), 431)
        assert_problem(await client.get(f"{front.url('8081')}/{'x' * 40_000}"), 431)


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: ici\r\nX-Slow: ",
        b"POST /v1/events HTTP/1.1\r\nHost: ici\r\nContent-Length: 100\r\n\r\nx",
    ],
)
async def test_who_does_not_go_on_is_let_go_and_the_service_never_hears_of_it(tmp_path: Path, begun: bytes) -> None:
    port = free_port()
    async with service(port):
        for front in started(tmp_path, port, patience="1s"):
            await until_up(front)
            heard.clear()
            answer = await raw(front, begun)
    assert answer == b""
    assert heard == []


async def test_an_address_has_so_many_connections_and_the_next_is_told_so(front: Front) -> None:
    async def holding() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", front.ports["8082"], local_addr=("127.0.0.9", 0))
        writer.write(b"POST / HTTP/1.1\r\nHost: ici\r\nContent-Length: 100\r\n\r\nx")
        return reader, writer

    held = [await holding() for _ in range(100)]
    first = httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(local_address="127.0.0.9"))
    other = httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(local_address="127.0.0.10"))
    async with first, other:
        answer = await first.get(f"{front.url('8082')}/")
        assert_problem(answer, 429)
        assert answer.headers["retry-after"] == "5"
        assert (await other.get(f"{front.url('8082')}/")).status_code == 200
    for _, writer in held:
        writer.transport.abort()


async def test_a_flood_of_requests_from_one_address_is_slowed_down(tmp_path: Path) -> None:
    port = free_port()
    async with service(port):
        for front in started(tmp_path, port, strict=True):
            await until_up(front)
            async with httpx.AsyncClient() as client:
                answers = [await client.get(f"{front.url('8081')}/") for _ in range(4)]
    assert [answer.status_code for answer in answers[:3]] == [200] * 3
    assert_problem(answers[-1], 429)


async def test_a_service_that_is_away_is_answered_for(tmp_path: Path) -> None:
    for front in started(tmp_path, free_port()):
        await until_up(front)
        async with httpx.AsyncClient() as client:
            answer = await client.get(f"{front.url('8081')}/v1/events")
        assert_problem(answer, 503)
        assert answer.headers["retry-after"] == "5"
        assert "strict-transport-security" not in answer.headers


async def test_the_reviewers_pages_are_labellings_where_people_sign_in(tmp_path: Path) -> None:
    registration, labelling = free_port(), free_port()
    async with service(registration):
        for front in started(tmp_path, registration, labelling=labelling):
            await until_up(front)
            async with httpx.AsyncClient(base_url=front.url("8081")) as client:
                paths = (
                    "/connexion",
                    "/v1/events",
                    "/relecture-de-textes",
                    "/relecture",
                    "/relecture/static/desk.css",
                    "/evenements/1/reexamen",
                    "/evenements/1",
                )
                statuses = [(await client.get(path)).status_code for path in paths]
    assert statuses == [200, 200, 200, 503, 503, 503, 200]  # labelling is away


async def test_kits_are_commskits_where_people_sign_in_and_nothing_else_of_it_is(tmp_path: Path) -> None:
    registration, kits = free_port(), free_port()
    async with service(registration):
        for front in started(tmp_path, registration, kits=kits):
            await until_up(front)
            async with httpx.AsyncClient(base_url=front.url("8081")) as client:
                paths = ("/kits/1?jeton=a", "/kits", "/evenements/1/kit", "/v1/events/1/kit", "/docs", "/problemes")
                statuses = [(await client.get(path)).status_code for path in paths]
    assert statuses == [503, 200, 200, 200, 200, 200]  # commskit is away


async def test_communes_are_geocodings_where_people_sign_in_and_nothing_else_of_it_is(tmp_path: Path) -> None:
    registration, places = free_port(), free_port()
    async with service(registration):
        for front in started(tmp_path, registration, places=places):
            await until_up(front)
            async with httpx.AsyncClient(base_url=front.url("8081")) as client:
                paths = ("/v1/places?q=lil", "/v1/places/lil", "/v1/placess?q=lil", "/docs", "/openapi.json")
                statuses = [(await client.get(path)).status_code for path in paths]
    assert statuses == [503, 200, 200, 200, 200]  # geocoding is away


async def test_the_log_holds_no_token(front: Front) -> None:
    async with httpx.AsyncClient() as client:
        await client.get(f"{front.url('8081')}/confirmer?jeton=tres-secret", headers={"Authorization": "Bearer secret"})

    log = front.folder / "access.log"
    async with asyncio.timeout(60):
        while "/confirmer" not in log.read_text():
            await asyncio.sleep(0.02)
    assert "secret" not in log.read_text()
    assert all(json.loads(line)["status"] for line in log.read_text().splitlines())
    async with httpx.AsyncClient() as client:
        await client.get(f"{front.url('8081')}/health/of-nobody")
    async with asyncio.timeout(60):
        while '"path":"/health/of-nobody","status":404' not in log.read_text():
            await asyncio.sleep(0.02)


@pytest.fixture(scope="module")
async def tls(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Front]:
    port, folder = free_port(), tmp_path_factory.mktemp("tls")
    (folder / "tls").mkdir()
    files = ["-keyout", str(folder / "tls/key.pem"), "-out", str(folder / "tls/certificate.pem")]
    names = ",".join(f"DNS:{name}.semaine-industrie.example" for name in NAMES.values())
    command = ["openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-days", "2", "-subj", "/CN=essai"]
    command += ["-addext", f"subjectAltName={names}", *files]
    await asyncio.to_thread(subprocess.run, command, check=True, capture_output=True)
    async with service(port):
        for front in started(folder, port, "tls.conf"):
            await until_up(front)
            yield front


async def ask_by_tls(front: Front, name: str) -> httpx.Response:
    trusted = ssl.create_default_context(cafile=str(front.folder / "tls/certificate.pem"))
    async with httpx.AsyncClient(verify=trusted) as client:
        return await client.get(
            f"https://127.0.0.1:{front.ports['8443']}/",
            headers={"Host": name, "X-Forwarded-Proto": "http"},
            extensions={"sni_hostname": name},
        )


async def test_by_https_browsers_are_told_to_come_by_nothing_else(tls: Front) -> None:
    for name in NAMES.values():
        answer = await ask_by_tls(tls, f"{name}.semaine-industrie.example")
        assert answer.status_code == 200
        assert answer.headers.get_list("strict-transport-security") == ["max-age=31536000"]
        assert answer.json()["headers"]["x-forwarded-proto"] == "https"


async def test_who_asks_for_another_name_gets_no_certificate(tls: Front) -> None:
    with pytest.raises(httpx.ConnectError):
        await ask_by_tls(tls, "ailleurs.example")


async def test_by_http_one_is_sent_to_https(tls: Front) -> None:
    async with httpx.AsyncClient() as client:
        answer = await client.get(
            f"{tls.url('8080')}/v1/events?x=1", headers={"Host": "label.semaine-industrie.example"}
        )
    assert (answer.status_code, answer.headers["location"]) == (
        308,
        "https://label.semaine-industrie.example/v1/events?x=1",
    )


def test_nobody_but_the_front_is_reached_from_outside_and_the_mailbox_and_what_watches_from_the_machine() -> None:
    compose = (ROOT / "docker-compose.yml").read_text().split("\nservices:\n")[1].split("\nnetworks:\n")[0]
    services = dict(re.findall(r"^  ([\w-]+):.*\n((?:    .*\n|\n)+)", compose, re.MULTILINE))
    assert {"registration", "labelling", "map-feed", "proxy"} < services.keys()
    told = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    published = {name: one["ports"] for name, one in told.items() if "ports" in one}
    on_the_machine = {"proxy", "mailbox", "prometheus", "alertmanager", "jaeger", "grafana"}
    assert published.keys() == {"proxy-tls", *on_the_machine}
    assert all(port.startswith("127.0.0.1:") for name in on_the_machine for port in published[name])
    plain = (SHIPPED / "plain.conf").read_text()
    assert set(re.findall(r":(\d+)\"", services["proxy"])) == set(re.findall(r"listen (\d+);", plain))
    for behind in re.findall(r"set \$service ([\w-]+):8000;", plain):
        assert re.search(rf"depends_on: .*\b{behind}\b", services["proxy"])
