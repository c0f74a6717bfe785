"""What each release promised whoever reads the topics, kept as a file, and whether today's code still keeps to it.

`releases/0001.json` and its followers name the topics with their keys, partitions and settings, the messages and the
headers, and hold the hashes of every schema and sample that were released; each holds the hash of the one before it,
so that none can be taken out unseen. `make release-contracts RELEASE=…` writes the next.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from . import FACT_TOPICS, Topic
from .catalogue.asyncapi import headers
from .catalogue.messages import facts, facts_of, key_of
from .schema import FOLDER, name_of
from .topics import DAY, HEARD, PARTITIONS, settings_of

RELEASES = FOLDER / "releases"
ANALYSTS = "analysts and partners"

Promises = dict[str, Any]


def promises() -> Promises:
    """What today's code promises, besides its schemas."""
    everywhere = set.intersection(*(set(headers(kind)["required"]) for kind in facts()))
    return {"headers": sorted(everywhere), "topics": {topic.name: _of(topic) for topic in FACT_TOPICS}}


def _of(topic: Topic) -> Promises:
    kinds = facts_of(topic)
    [key] = {key_of(kind) for kind in kinds}  # one topic, one key: else its order would mean nothing
    return {
        "writer": topic.writer,
        "key": key,
        "partitions": PARTITIONS,
        "public": not topic.personal,
        "settings": settings_of(topic),
        "messages": {name_of(kind): kind.version for kind in kinds},
    }


def files_of(promised: Promises) -> list[str]:
    """The schemas and samples of every version of every message that is promised, below the folder of the contracts."""
    versions = [
        f"{name}.{version}.json"
        for topic in promised["topics"].values()
        for name, newest in topic["messages"].items()
        for version in range(1, newest + 1)
    ]
    folders = ("samples", "schemas/read", "schemas/told")
    return [f"{folder}/{version}" for folder in folders for version in sorted(versions)]


def hash_of(file: str) -> str | None:
    """Of a file below the folder of the contracts; None where it is not there."""
    path = FOLDER / file
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else None


def next_release(name: str, promised: Promises | None = None) -> tuple[str, Promises]:
    """The file in which today's promises are kept under the name of a release, and what stands in it."""
    promised = promised or promises()
    number = len(released())
    before = hash_of(f"releases/{number:04}.json")
    kept = {file: hash_of(file) for file in files_of(promised)}
    return f"releases/{number + 1:04}.json", {"release": name, "before": before, **promised, "files": kept}


def released() -> list[Promises]:
    """What was promised by every release, the oldest first."""
    return [json.loads(path.read_text()) for path in sorted(RELEASES.glob("*.json"))]


def released_versions() -> set[str]:
    """Every version of a message that was released: « EventLabelled.1 »."""
    return {
        f"{name}.{version}"
        for release in released()
        for topic in release["topics"].values()
        for name, version in topic["messages"].items()
    }


def tampered(releases: Sequence[Promises]) -> Iterator[str]:
    """What was released and is not as it was: a sentence each."""
    for number, release in enumerate(releases):
        if release["before"] != hash_of(f"releases/{number:04}.json"):
            yield f"the release before {release['release']} is not the one that it followed: altered, or taken out"
        for file, expected in release["files"].items():
            now, name = hash_of(file), release["release"]
            if now is None:
                yield f"{file} is gone, and was released with {name}: whoever meets such a message needs it"
            elif now != expected:
                yield f"{file} was altered after release {name}: what says something else is the next version"


def breaches(release: Promises, today: Promises) -> Iterator[str]:
    """What a release promised and today's code does not: what it is, and who reads it, in a sentence each."""
    for header in sorted(set(release["headers"]) - set(today["headers"])):
        yield f"the header `{header}` is not written any more: {_and([*HEARD, ANALYSTS])} read it"
    for name, kept in release["topics"].items():
        now, whom = today["topics"].get(name), whom_of(name, kept)
        if now is None:
            yield f"the topic {name} is gone: {whom} hear it"
        else:
            yield from _of_topic(name, kept, now, whom)


def whom_of(topic: str, kept: Promises) -> str:
    """Who hears a topic, in words."""
    heard = [service for service, topics in HEARD.items() if topic in [one.name for one in topics]]
    return _and([*heard, *([ANALYSTS] if kept["public"] else [])])


def _of_topic(name: str, kept: Promises, now: Promises, whom: str) -> Iterator[str]:
    for message in sorted(set(kept["messages"]) - set(now["messages"])):
        yield f"{message} is not told on {name} any more: {whom} would wait for it in vain"
    for message in sorted(set(kept["messages"]) & set(now["messages"])):
        if now["messages"][message] < kept["messages"][message]:
            yield f"{message} is older than the version that was released: {whom} read that"
    for what, words in _SAME.items():
        if kept[what] != now[what]:
            yield words.format(topic=name, kept=kept[what], now=now[what], whom=whom)
    yield from _of_settings(name, kept["settings"], now["settings"], whom)


_SAME = {
    "writer": "{topic} is told by {now} and not by {kept}: {whom} take it for {kept}'s word",
    "key": "{topic} is keyed by `{now}` and not by `{kept}`: {whom} would hear one story in two orders, and compaction "
    "would keep what it should not",
    "partitions": "{topic} has {now} partitions and not {kept}: the facts of one key would stand on two, and {whom} "
    "hear them in any order",
    "public": "whether {topic} is open to the public was {kept} and is {now}: ask {whom}, and whoever is named in it",
}
_TIMES = ("retention.ms", "min.compaction.lag.ms", "delete.retention.ms")


def _of_settings(name: str, kept: Mapping[str, str], now: Mapping[str, str], whom: str) -> Iterator[str]:
    if kept["cleanup.policy"] != now["cleanup.policy"]:
        yield (
            f"{name} is cleaned by `{now['cleanup.policy']}` and not by `{kept['cleanup.policy']}`: {whom}, beginning "
            "anew, would not find what they count on"
        )
    for time in _TIMES:
        before, after = int(kept.get(time, 0)), int(now.get(time, 0))
        if after < before:
            yield (
                f"{name} keeps what `{time}` says for {after / DAY:g} days and not {before / DAY:g}: {whom}, away so "
                "long, would miss it"
            )


def _and(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else "nobody"
