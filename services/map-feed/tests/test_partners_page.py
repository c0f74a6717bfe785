"""What docs/partners.md shows works as it is written there: the loop that reads, and the receiver."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
import uvicorn
from pydantic import SecretStr
from standardwebhooks import Webhook

from backbone.service.floor import open_floor
from local_stack.ports import free_port
from map_feed.app import create_app
from map_feed.commands import run_webhooks_command

PAGE = (Path(__file__).parents[3] / "docs" / "partners.md").read_text()
PROGRAMS = dict(re.findall(r"```python\n# (\w+\.py)\n(.*?)```", PAGE, re.DOTALL))


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"webhooks_key": SecretStr("k" * 32), "webhooks_inside": "127.0.0.0/8"})


@pytest.fixture
async def address(settings, clock):
    """The whole service, without a Kafka, at an address."""
    service = create_app(settings, open_floor(settings, clock=clock))
    service.hearing = None
    service.take_role("serve")
    server = uvicorn.Server(uvicorn.Config(service.http, port=0, log_level="error", timeout_graceful_shutdown=1))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await serving


@asynccontextmanager
async def run(name, *words, folder):
    """A program of the page; gives what reads the next line that it prints."""
    (folder / name).write_text(PROGRAMS[name])
    program = await asyncio.create_subprocess_exec(
        sys.executable, str(folder / name), *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )

    async def shows(titles):
        async with asyncio.timeout(60):
            while line := await program.stdout.readline():
                if sorted(json.loads(line).values()) == sorted(titles):
                    return
        raise AssertionError("the program has ended")

    try:
        yield shows
    finally:
        with suppress(ProcessLookupError):
            program.kill()
        await program.wait()


async def test_the_loop_of_the_page_follows_the_map(address, tmp_path, put, heard, withdrawn, an_event):
    event = await put(an_event(title="Visite"))
    async with run("follow.py", f"{address}/v1/changes", folder=tmp_path) as shows:
        await shows(["Visite"])
        await put(an_event(title="Autre"))
        await shows(["Visite", "Autre"])
        await heard(withdrawn(event))
        await shows(["Autre"])


async def test_the_receiver_of_the_page_follows_the_map_and_takes_nothing_that_is_not_signed(
    address, settings, capsys, tmp_path, put, heard, withdrawn, an_event
):
    port = free_port()
    await run_webhooks_command(settings, ["add", f"http://127.0.0.1:{port}/"])
    _, secret = capsys.readouterr().out.split()[:2]
    event = await put(an_event(title="Visite"))
    async with run("receive.py", str(port), secret, folder=tmp_path) as shows:
        await shows(["Visite"])
        assert b"401" in await posted(port, Webhook("whsec_" + "A" * 43 + "="))
        await heard(withdrawn(event))
        await shows([])


async def posted(port, signer):
    """What the receiver answers to something that somebody else has signed."""
    from datetime import UTC, datetime

    body, now = '{"type":"feed.reset","data":{}}', datetime.now(UTC)
    lines = ["POST / HTTP/1.1", "Host: x", f"Content-Length: {len(body)}", "webhook-id: x", "Connection: close"]
    lines += [f"webhook-timestamp: {int(now.timestamp())}", f"webhook-signature: {signer.sign('x', now, body)}"]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write("\r\n".join([*lines, "", body]).encode())
    line = await reader.readline()
    writer.close()
    return line


def test_the_page_names_every_type_reason_and_aspect_that_is_told():
    from map_feed.domain.changes import Aspect, Kind, Why
    from map_feed.webhooks.messages import RESET

    assert [word for word in (*Kind, *Why, *Aspect, RESET) if f"`{word}`" not in PAGE] == []
