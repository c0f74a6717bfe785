"""`sdi dead-letters`: what the services set aside, and what is to be done about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

import typer

from backbone.contracts.topics import HEARD
from backbone.service.settings import read_settings

from .errors import run
from .letter_view import contents, facts, in_full, lines, write_letter, write_letters
from .letters import DeadLetter, Outcome, RecordPlace, read_letters, settle
from .output import Json, Yes, counted, readable, write_json, write_line
from .replay import replay_all, replay_on_their_word
from .settings import Settings

dead_letters = typer.Typer(no_args_is_help=True, help="Messages that a service could not take.")


def _service(name: str) -> str:
    if name not in HEARD:
        raise typer.BadParameter(f"no service {name!r}: one of {', '.join(HEARD)}")
    return name


Service = Annotated[str, typer.Argument(parser=_service, metavar="SERVICE", help="Who set it aside.")]
MaybeService = Annotated[str | None, typer.Argument(parser=_service, metavar="[SERVICE]", help="Who set it aside.")]
OnlyService = Annotated[
    str | None, typer.Option("--service", parser=_service, metavar="SERVICE", help="Of one service.")
]
Partition = Annotated[int, typer.Argument(min=0)]
Offset = Annotated[int, typer.Argument(min=0)]
MaybePartition = Annotated[int | None, typer.Argument(min=0)]
MaybeOffset = Annotated[int | None, typer.Argument(min=0)]
All = Annotated[bool, typer.Option("--all", help="All open letters, of the service if one is named.")]
AsFactOf = Annotated[
    str | None,
    typer.Option(
        parser=_service,
        metavar="WRITER",
        help="Tell one message though its topic does not have it as it is: as a fact of this service, on your word.",
    ),
]
Personal = Annotated[bool, typer.Option("--personal", help="Show key and value although they may be personal data.")]


@dead_letters.command("list")
def list_(service: OnlyService = None, json: Json = False) -> None:
    """List the letters that nobody has seen to yet. 1 if there are any."""
    letters = _read_open(read_settings(Settings), service)
    if json:
        write_json([facts(letter) for letter in letters])
    elif letters:
        write_letters(letters)
    else:
        write_line("There are no dead letters.")
    raise typer.Exit(1 if letters else 0)


@dead_letters.command()
def show(
    service: Service, partition: Partition, offset: Offset, personal: Personal = False, json: Json = False
) -> None:
    """Show one letter: where it came from, why, its headers, key and value."""
    letter = _one(read_settings(Settings), service, partition, offset)
    shown = {**facts(letter), **contents(letter, personal=personal)}
    if json:
        write_json(shown)
    else:
        write_letter(shown)


@dead_letters.command("replay")
def replay_(
    service: MaybeService = None,
    partition: MaybePartition = None,
    offset: MaybeOffset = None,
    all_: All = False,
    as_fact_of: AsFactOf = None,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Tell messages again that still lie in the topic they came from, once the cause is mended. 1 if one may not be.

    A letter is only its service's word: a message that its topic no longer has, or has otherwise, is told again one by
    one, shown in full, and only with --as-fact-of.
    """
    settings = read_settings(Settings)
    letters = _chosen(settings, service, partition, offset, all_)
    if as_fact_of is None:
        _ask(f"Replay {counted(len(letters), 'dead letter')}?", letters, yes)
        refused = run(replay_all(settings, letters), settings.kafka_bootstrap_servers)
    else:
        if all_:
            raise typer.BadParameter("--as-fact-of is for one letter: name it (SERVICE PARTITION OFFSET)")
        [letter] = letters
        _ask_for_their_word(letter, as_fact_of, yes)
        refused = run(replay_on_their_word(settings, letter), settings.kafka_bootstrap_servers)
    _report(letters, Outcome.REPLAYED, refused, json=json)


@dead_letters.command()
def discard(
    service: MaybeService = None,
    partition: MaybePartition = None,
    offset: MaybeOffset = None,
    all_: All = False,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Note that nothing is to be done about messages. Their bytes stay until their time in the topic is over."""
    settings = read_settings(Settings)
    letters = _chosen(settings, service, partition, offset, all_)
    _ask(f"Discard {counted(len(letters), 'dead letter')}?", letters, yes)
    run(settle(settings, letters, Outcome.DISCARDED), settings.kafka_bootstrap_servers)
    _report(letters, Outcome.DISCARDED, {}, json=json)


def _read_open(settings: Settings, service: str | None) -> list[DeadLetter]:
    letters = run(read_letters(settings, [service] if service else HEARD), settings.kafka_bootstrap_servers)
    return [letter for letter in letters if letter.outcome is None]


def _one(settings: Settings, service: str, partition: int, offset: int) -> DeadLetter:
    letters = run(read_letters(settings, [service]), settings.kafka_bootstrap_servers)
    for letter in letters:
        if (letter.place.partition, letter.place.offset) == (partition, offset):
            return letter
    typer.echo(f"sdi: {service} has no dead letter {partition} {offset}: `sdi dead-letters list` shows all", err=True)
    raise typer.Exit(1)


def _chosen(
    settings: Settings, service: str | None, partition: int | None, offset: int | None, all_: bool
) -> list[DeadLetter]:
    if all_ and partition is None:
        return _read_open(settings, service)
    if all_ or service is None or partition is None or offset is None:
        raise typer.BadParameter("name one letter (SERVICE PARTITION OFFSET), or --all")
    letter = _one(settings, service, partition, offset)
    if letter.outcome is not None:
        typer.echo(f"sdi: this letter was {letter.outcome} already", err=True)
        raise typer.Exit(1)
    return [letter]


def _ask(question: str, letters: Sequence[DeadLetter], yes: bool) -> None:
    if letters and not yes:
        for letter in letters[:10]:
            typer.echo(readable(f"{letter.place}  from {letter.source or '?'}  {letter.reason}"), err=True)
        if len(letters) > 10:
            typer.echo(f"… and {len(letters) - 10} more", err=True)
        typer.confirm(question, abort=True, err=True)


def _ask_for_their_word(letter: DeadLetter, writer: str, yes: bool) -> None:
    """Shows all that would be told as the writer's word. Raises BadParameter where it is not theirs to tell."""
    topic = letter.topic
    if topic is None or topic.personal:
        return  # refused whatever they say
    if topic.writer != writer:
        raise typer.BadParameter(f"what is told on {topic.name} is {topic.writer}'s word, not {writer}'s")
    for line in lines(in_full(letter, topic)):
        typer.echo(line, err=True)
    if not yes:
        typer.confirm(f"Tell this on {topic.name}, as a fact of {writer}?", abort=True, err=True)


def _report(letters: Sequence[DeadLetter], outcome: Outcome, refused: Mapping[RecordPlace, str], *, json: bool) -> None:
    if json:
        done = [{**facts(letter), "outcome": outcome} for letter in letters if letter.place not in refused]
        left = [{**facts(letter), "refused": refused[letter.place]} for letter in letters if letter.place in refused]
        write_json({outcome: done, "refused": left})
    else:
        write_line(f"{counted(len(letters) - len(refused), 'dead letter')} {outcome}.")
        for place, why in refused.items():
            write_line(f"Not replayed: {place}: {why}.")
    raise typer.Exit(1 if refused else 0)
