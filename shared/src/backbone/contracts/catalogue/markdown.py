"""The catalogue as pages for people who read files: an index, and a page a topic."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from .. import FACT_TOPICS, EventSubmitted, Fact, PublicEvent, Topic, dead_letters
from ..grants import ANALYST
from ..schema import name_of
from ..topics import HEARD, PARTITIONS
from .messages import (
    HEADERS,
    LETTERS,
    Row,
    about,
    about_topic,
    facts_of,
    fixed_headers,
    hearers_of,
    kept,
    key_of,
    rows_of,
    sample_of,
    shapes_of,
)

_SOURCE = "../../shared/src/backbone/contracts"
_MADE = "<!-- written by `make contracts`: change the contracts, not this page -->"


def pages() -> dict[str, str]:
    """The pages by the names of their files."""
    made = {"README.md": _index(), "dead-letters.md": _dead_letters()}
    return made | {f"{topic.name}.md": _page(topic) for topic in FACT_TOPICS}


def _index() -> str:
    return _text(
        "# The catalogue",
        _MADE,
        "What the five services tell each other, message by message, for who reads it. Each message is JSON with "
        "CloudEvents 1.0 headers; its type stands in the header `ce_type`. Ignore fields, types and words that you do "
        "not know: a later release may tell more. How to connect: [analysts.md](../analysts.md). All of it as one "
        "document for tools: [asyncapi.json](asyncapi.json), AsyncAPI 3. Beside each public topic stands its data "
        "contract (`.odcs.yaml`, Open Data Contract Standard): who owns it, how fresh and how complete it is, what may "
        "be done with it, whom to ask. The map serves the public part of this as a page, at `/catalogue`.",
        *(_part(topic) for topic in FACT_TOPICS),
        "## [Dead letters](dead-letters.md)\n\nRestricted. What a service can never read stands, as it was, on "
        f"`<service>.dead-letters`, for an operator. Kept: {kept(dead_letters('any'))}.",
        "## What may change, and what will not\n\nA message changes by what is added, with a default. Its next version "
        "joins those before it: every schema and every sample that was ever released is kept under "
        f"[schemas]({_SOURCE}/schemas) and [samples]({_SOURCE}/samples), and tests compare today’s code with all of "
        "them. A field, a type, a header, a key, a number of partitions or a time for which something is kept is "
        "never taken away without a new type or a new topic.",
    )


def _part(topic: Topic) -> str:
    contract = "" if topic.personal else f" · [data contract]({topic.name}.odcs.yaml)"
    rows = [
        f"| [{name_of(kind)}]({topic.name}.md#{name_of(kind).lower()}) | {kind.version} | {about(kind)} "
        f"| {_hearers(kind)} |"
        for kind in facts_of(topic)
    ]
    return _text(
        f"## [{topic.name}]({topic.name}.md)",
        f"{about_topic(topic)} {'Restricted' if topic.personal else 'Public'}{contract}.\n\nKept: {kept(topic)}.",
        "\n".join(["| message | version | what it says | who hears it |", "|---|---|---|---|", *rows]),
    ).rstrip()


def _hearers(kind: type[Fact]) -> str:
    return ", ".join([*hearers_of(kind), *([] if kind.topic.personal else ["analysts"])])


def _page(topic: Topic) -> str:
    kinds = facts_of(topic)
    who = (
        "Restricted: it holds personal data, and is read by " + ", ".join(_groups(topic)) + " alone."
        if topic.personal
        else f"Public: read in the groups {', '.join(_groups(topic))}, and in any whose name begins with `{ANALYST}`."
    )
    contract = "" if topic.personal else f" Its data contract: [{topic.name}.odcs.yaml]({topic.name}.odcs.yaml)."
    shapes = shapes_of(kinds)
    parts = [
        f"### {shape.name}\n\n{shape.about}{_words_of(shape.name, topic)}\n\n{_table(shape.rows)}" for shape in shapes
    ]
    return _text(
        f"# {topic.name}",
        _MADE,
        f"{about_topic(topic)} {who}{contract}",
        f"Told by {topic.writer} and nobody else, on {PARTITIONS} partitions, keyed by "
        f"{' or '.join(sorted({f'`{key_of(kind)}`' for kind in kinds}))}. Kept: {kept(topic)}.",
        _headers(kinds),
        *(_message(kind) for kind in kinds),
        *(["## Parts", *parts] if parts else []),
    )


def _words_of(shape: str, topic: Topic) -> str:
    """Where the words stand that a field may hold: a topic that passes an event on takes any word as it was told."""
    if shape != PublicEvent.__name__ or topic == EventSubmitted.topic:
        return ""
    home = EventSubmitted.topic.name
    return f" Which words its fields hold today: [{home}]({home}.md#{shape.lower()})."


def _groups(topic: Topic) -> list[str]:
    return [f"`{service}`" for service, heard in HEARD.items() if topic in heard]


def _headers(kinds: Sequence[type[Fact]]) -> str:
    same = fixed_headers(kinds[0])
    differs = {"ce_type": "`fr.semaine-industrie.` and the message’s name", "ce_dataschema": "see each message"}
    values = {name: differs.get(name, f"`{text}`") for name, text in same.items()} | {"ce_subject": "the key"}
    rows = [f"| `{name}` | {values.get(name, '')} | {words} |" for name, words in HEADERS.items()]
    return _text("## Headers", "\n".join(["| header | value | meaning |", "|---|---|---|", *rows])).rstrip()


def _message(kind: type[Fact]) -> str:
    file = f"{name_of(kind)}.{kind.version}.json"
    sample = sample_of(kind)
    schema = f"[schema]({_SOURCE}/schemas/told/{file}) · " if not kind.is_tombstone else ""
    fields = "No value: a tombstone." if kind.is_tombstone else _table(rows_of(kind))
    return _text(
        f"## {name_of(kind)}",
        about(kind),
        f"Version {kind.version} · {schema}[sample]({_SOURCE}/samples/{file}) · heard by {_hearers(kind)}",
        fields,
        "An example, as it lies on Kafka:",
        f"```json\n{json.dumps(sample, ensure_ascii=False, indent=1)}\n```",
    ).rstrip()


def _table(rows: Sequence[Row]) -> str:
    lines = (f"| `{row.name}` | {_cell(row.type)} | {_cell(row.meaning)} |" for row in rows)
    return "\n".join(["| field | holds | meaning |", "|---|---|---|", *lines])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _dead_letters() -> str:
    return _text(
        "# Dead letters",
        _MADE,
        "What a service can never read it sets aside on its own topic, and goes on: key, value and headers as they "
        "came, byte for byte, and behind them the headers that say where it stood and why. Restricted: operators read "
        "it (`sdi dead-letters`), since what nobody could read may hold anything. Kept: "
        f"{kept(dead_letters('any'))}.",
        "\n".join(
            ["| topic | told by |", "|---|---|", *(f"| `{dead_letters(name).name}` | {name} |" for name in HEARD)]
        ),
        "\n".join(["| header | meaning |", "|---|---|", *_letters()]),
        "An operator’s mark stands on the same topic and partition, under the key `PARTITION:OFFSET` of the letter "
        'that it settles: the header `dlq.settled`, no `dlq.reason`, and the value `{"outcome": …, "at": …}`.',
    )


def _letters() -> Iterator[str]:
    for name, words in LETTERS.items():
        yield f"| `{name}` | {words} |"


def _text(*parts: str) -> str:
    return "\n\n".join(parts) + "\n"
