"""Every page of the desk, as the HTML validator reads it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

# one copy of it is enough for all that `deploy/setup test` installs
VALIDATOR = Path(__file__).parents[5] / "services/map-feed/node_modules/vnu-jar/build/dist/vnu.jar"
ABSENT = "00000000-0000-0000-0000-000000000000"


async def test_every_page_is_correct_html(at_desk, in_review, some_events, minute, claims_end, tmp_path):
    past, event, hostile, _ = some_events
    camille, paul = at_desk("84"), at_desk("84", name="Paul Durand")
    await in_review(past, event, hostile)
    await paul.refuses(past)
    await minute()
    await claims_end()
    await in_review(event.model_copy(update={"revision": 2, "title": "Une autre"}), doubts=("public", "free"))
    await paul.sends(f"/{event.event_id}/note", note="<b>Une note</b>")
    await camille.sees()
    await paul.sends(f"/{event.event_id}/avis", collegue=str(camille.caller.account_id), question="Ouvert ?")
    choice = f"{event.event_id}:2"
    pages = {
        "queue": await camille.sees(),
        "nothing": await camille.sees("?region=11"),
        "event": await camille.sees(f"/{event.event_id}"),
        "hostile": await camille.sees(f"/{hostile.event_id}"),
        "help": await camille.sees("/aide"),
        "wrong": await camille.refuses(event, "x", revision=2),
        "changed": await camille.refuses(event, revision=1),
        "batch": await camille.sends("/lot", choix=choice),
        "preview": await camille.sends("/lot", choix=choice, mot="label"),
        "absent": await camille.sees(f"/{ABSENT}"),
        "done": await camille.client.get((await camille.labels(event, revision=2)).headers["location"]),
    }
    camille.client.cookies.clear()
    pages["again"] = await camille.refuses(event)
    for name, answer in pages.items():
        (tmp_path / f"{name}.html").write_text(answer.text)
    files = [str(tmp_path / f"{name}.html") for name in pages]
    process = await asyncio.create_subprocess_exec(
        *("java", "-jar", str(VALIDATOR), "--format", "json", *files), stderr=asyncio.subprocess.PIPE
    )
    _, said = await process.communicate()
    assert [f"{one['url']}: {one['message']}" for one in json.loads(said)["messages"]] == []
