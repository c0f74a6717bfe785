"""A folder that is kept up to date, while somebody reads it."""

from __future__ import annotations

import asyncio
import signal

import duckdb


def looked_at(folder):
    """What a reader sees who knows nothing of us: all rows, and how many different records they are of."""
    files = f"{folder}/*/*/*.parquet"
    if not [*folder.glob("*/*/*.parquet")]:
        return 0, 0
    question = (
        "SELECT count(*), count(DISTINCT (_topic, _partition, _offset)) FROM read_parquet(?, union_by_name = true)"
    )
    with duckdb.connect() as database:
        return database.execute(question, [files]).fetchone()


async def test_a_folder_is_kept_up_to_date_and_who_reads_meanwhile_sees_each_record_once(
    started, everything, tell_all, a_sample, tmp_path, eventually
):
    out, seen = tmp_path / "out", 0
    words = ("follow", "--out", out, "--every", "0.5", "--rows", "20")
    following = started(*words)
    for told in range(6):
        await tell_all([a_sample(name).as_told() for name in ("EventLabelled.2", "EventLabelled.1", "KitSent.1") * 7])

        async def is_more() -> bool:
            nonlocal seen
            rows, different = await asyncio.to_thread(looked_at, out)
            assert rows == different, "somebody saw a record twice"
            assert rows >= seen, "somebody saw a record go"
            is_news, seen = rows > seen, rows
            return is_news

        await eventually(is_more)
        if told == 3:
            following.kill()
            await asyncio.to_thread(following.communicate)
            following = started(*words)
    there = len(await everything())

    async def is_whole() -> bool:
        return (await asyncio.to_thread(looked_at, out)) == (there, there)

    await eventually(is_whole)
    await tell_all([a_sample("EventWithdrawn.1").as_told()])
    following.send_signal(signal.SIGTERM)
    await asyncio.to_thread(following.communicate)
    assert following.returncode == 0
    files = [
        day for day in out.glob("*/day=*/labelling.decisions-*.parquet") if day.parent.parent.name == "EventLabelled"
    ]
    assert len(files) == len({file.parent for file in files}), "the files of a day are one"


async def test_a_bucket_is_not_followed_and_it_is_said_what_to_do(as_analyst):
    answer = await as_analyst("follow", "--out", "s3://facts/all")
    assert (answer.exit_code, "say `sdi export --out s3://…` every hour or day" in answer.errors) == (2, True)
