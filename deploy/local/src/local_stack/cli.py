"""The command `local-stack`: `up` runs the platform, `demo` runs it and plays an edition through it."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TextIO

import httpx
import typer
import uvicorn
from rich.console import Console

from backbone.campaign.edition import load_edition
from backbone.testing.waiting import stretched
from provision.databases import SERVICES
from provision.errors import CannotStart
from registration_client import Refused

from . import errands
from .demo import Show, say_what_was_done, say_where_things_are, say_who_to_be
from .errands import STATE, State, told
from .errors import StackEnded
from .federation import Federation, cast_federation
from .health import not_ready
from .inbox_page import make_app
from .organisers import Organiser
from .places import ROOT, Places, write_secret
from .play import GivenUp, Play, cast_organisers, play_all, watch
from .reviewer import reviewer, reviewer_code, reviewer_token
from .stack import run_stack, stop_when_standard_input_ends
from .supervisor import is_ours, last_words
from .watching import watch_stack

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
app.add_typer(errands.commands)
console = Console()

EditionFile = Annotated[Path, typer.Option(envvar="EDITION", help="The edition that is played.")]
Events = Annotated[int, typer.Option(min=1, max=100_000, help="How many events are posted.")]
Seed = Annotated[int, typer.Option(help="Another seed plays other events.")]
EDITION = ROOT / "editions" / "2026.toml"
FAILURES = (GivenUp, CannotStart, StackEnded, httpx.HTTPError, Refused, RuntimeError, ExceptionGroup)


@app.command()
def up(
    state: State = STATE,
    edition: EditionFile = EDITION,
    log_file: Annotated[Path | None, typer.Option(help="Write the logs here, and stop when the input ends.")] = None,
) -> None:
    """Run PostgreSQL, Kafka and the five services until Ctrl-C."""
    if log_file is None:
        raise typer.Exit(_run(state, edition))
    stop_when_standard_input_ends()
    log_file.parent.mkdir(parents=True, exist_ok=True)
    with log_file.open("w", buffering=1) as output:
        raise typer.Exit(_run(state, edition, output))


def _run(state: Path, edition: Path, output: TextIO = sys.stdout) -> int:
    try:
        return run_stack(Places(state.resolve()), edition.resolve(), output)
    except CannotStart as reason:
        print(f"cannot start: {reason}", file=output, flush=True)
        return 1


@app.command(name="watch")
def watch_alerts(state: State = STATE) -> None:
    """Run Prometheus beside the running platform, and tell what its alerts find, until Ctrl-C."""
    places = Places(state.resolve())
    told(places.state, "operator")  # which says so where no stack was started
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        watch_stack(places, lambda line: print(line, flush=True))
    except CannotStart as reason:
        print(f"cannot start: {reason}", file=sys.stderr)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        return


@app.command()
def demo(
    events: Events = 200,
    exit_: Annotated[bool, typer.Option("--exit", help="End once every event has reached its final state.")] = False,
    seed: Seed = 2026,
    state: State = STATE,
    edition: EditionFile = EDITION,
) -> None:
    """Run the platform and play an edition through it, as its organisers would."""
    places = Places(state.resolve())
    places.log.parent.mkdir(parents=True, exist_ok=True)
    # asked to stop, stop as by Ctrl-C: whoever waits is told, and the stack goes down in order
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    stack = _start(places, edition)
    code = 1
    try:
        code = _play(places, edition, stack, events, seed)
        if not exit_ and code == 0:
            _say_how_to_review(places)
            console.print("The platform stays up: look around, and press Ctrl-C to stop it.")
            code = _look_on(places, stack)
    except KeyboardInterrupt:
        code = 130
    finally:
        _stop(stack)
    raise typer.Exit(code)


@app.command()
def mailbox(
    folder: Annotated[Path, typer.Argument(help="A Maildir.")],
    host: Annotated[str, typer.Option(envvar="HTTP_HOST")] = "127.0.0.1",
    port: Annotated[int, typer.Option(envvar="HTTP_PORT")] = 8000,
) -> None:
    """Show a mailbox as pages."""
    uvicorn.run(make_app(folder), host=host, port=port, log_level="warning")


@app.command()
def play(
    mailbox: Annotated[Path, typer.Option(help="The Maildir in which the confirmations arrive.")],
    at: Annotated[str, typer.Option(help="Where registration answers.")] = "http://registration:8000",
    health_at: Annotated[str, typer.Option(help="Where a service says how it is.")] = "http://{service}:8001",
    events: Events = 200,
    seed: Seed = 2026,
    state: State = STATE,
    edition: EditionFile = EDITION,
) -> None:
    """Play an edition through a platform that runs elsewhere, in containers for example."""
    health = {service: health_at.format(service=service) for service in SERVICES}
    cast, played = _cast(Places(state.resolve()), edition, events, seed), Play(events)
    try:
        asyncio.run(_play_and_watch(at, health, mailbox, played, *cast))
    except FAILURES as error:
        console.print(f"[red]The play has failed:[/] {error}")
        raise typer.Exit(1) from None
    _say_what_was_done(Places(state.resolve()), played)


@app.command()
def token(state: State = STATE) -> None:
    """Print an access token of a reviewer of all regions, for the review API of the running stack."""
    told(state, "registration")
    print(asyncio.run(reviewer_token(Places(state.resolve()))))


@app.command()
def code(state: State = STATE) -> None:
    """Print the code that the reviewer's app shows now, to sign in on the pages of the running stack."""
    told(state, "registration")
    try:
        print(reviewer_code(Places(state.resolve())))
    except RuntimeError as error:
        console.print(f"[red]{error}[/]")
        raise typer.Exit(1) from None


def _start(places: Places, edition: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "local_stack.cli", "up", "--state", str(places.state)]
    command += ["--edition", str(edition), "--log-file", str(places.log)]
    places.log.unlink(missing_ok=True)
    environ = {"CANARY_EVERY_SECONDS": "60", **os.environ}  # what is looked at is to show how long an event takes
    # a session of its own: Ctrl-C reaches the demonstration alone, which then stops the stack in order
    return subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True, env=environ)


def _stop(stack: subprocess.Popen[bytes]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second, impatient Ctrl-C must not leave processes behind
    if stack.poll() is None:
        console.print("Stopping …")
        stack.terminate()
    stack.wait()


def _cast(places: Places, edition_file: Path, events: int, seed: int) -> tuple[list[Organiser], Federation]:
    edition, secret = load_edition(edition_file), _secret(places)
    return cast_organisers(events, seed, edition, secret), cast_federation(seed, edition, secret)


def _play(places: Places, edition_file: Path, stack: subprocess.Popen[bytes], events: int, seed: int) -> int:
    play = Play(events)
    if began := os.environ.get("SDI_BEGAN_AT"):  # `make demo` says when it began, set-up included
        play.started_at -= time.time() - float(began)
    try:
        _wait_until_up(places, stack)
        registration, (organisers, federation) = (
            places.addresses()["registration"],
            _cast(places, edition_file, events, seed),
        )
        here = (registration, places.health_addresses(), places.mailbox)
        asyncio.run(_play_and_watch(*here, play, organisers, federation, _runs(places, stack)))
    except FAILURES as error:
        console.print(f"[red]The demonstration has failed:[/] {error}")
        console.print(f"What the services said: {places.log}")
        return 1
    say_where_things_are(console, places, play)
    _say_what_was_done(places, play)
    say_who_to_be(console, registration, organisers, federation.who)
    return 0


def _say_what_was_done(places: Places, play: Play) -> None:
    if play.handed:
        places.report.touch(mode=0o600)
        places.report.write_bytes(play.handed.report)
    say_what_was_done(console, play, places.report)


async def _play_and_watch(
    api: str,
    health: dict[str, str],
    mailbox: Path,
    play: Play,
    organisers: list[Organiser],
    federation: Federation,
    see_that_it_runs: Callable[[], None] = lambda: None,
) -> None:
    with Show(console, play) as show:
        posting = asyncio.create_task(play_all(play, organisers, federation, api, mailbox))
        try:
            await watch(play, health, posting, show.refresh, see_that_it_runs)
        finally:
            posting.cancel()


def _runs(places: Places, stack: subprocess.Popen[bytes]) -> Callable[[], None]:
    def see() -> None:
        if stack.poll() is not None:
            raise StackEnded(last_words(places.log))

    return see


def _say_how_to_review(places: Places) -> None:
    """Opens the reviewer's account, and says here alone how to sign in with it."""
    try:
        asyncio.run(reviewer_token(places))
    except FAILURES as error:
        console.print(f"[yellow]No reviewer could be made:[/] {error}")
        return
    who, desk = reviewer(places), f"{places.addresses()['labelling']}/relecture"
    line = f"To review, open {desk} and sign in as {who.email} with the password {who.password}"
    line += " and the code that `make code` prints"
    console.print(line, markup=False, highlight=False, soft_wrap=True)


def _look_on(places: Places, stack: subprocess.Popen[bytes]) -> int:
    """Shows what the stack says for itself, such as that a service was started again, until it ends; its exit code."""
    with places.log.open() as log:
        log.seek(0, os.SEEK_END)
        while (code := stack.poll()) is None:
            _show_news(log)
            time.sleep(0.2)
        _show_news(log)
    return code


def _show_news(log: TextIO) -> None:
    for line in log:
        if is_ours(line):
            console.print(line.rstrip(), markup=False, highlight=False, soft_wrap=True)


def _wait_until_up(places: Places, stack: subprocess.Popen[bytes], deadline_seconds: float = 120.0) -> None:
    began = time.monotonic()
    with console.status("Starting PostgreSQL, Kafka and the five services …"):
        while not _is_up(places):
            if stack.poll() is not None:
                raise CannotStart(last_words(places.log))
            if (waited := time.monotonic() - began) > stretched(deadline_seconds):
                raise CannotStart(f"the services are not up after {waited:.0f} s")
            time.sleep(0.1)
    console.print(places.log.read_text().splitlines()[0])


def _is_up(places: Places) -> bool:
    try:
        return not not_ready(places.health_addresses())
    except FileNotFoundError:  # not even chosen yet
        return False


def _secret(places: Places) -> str:
    file = places.secrets / "organisers"
    if not file.exists():
        write_secret(file, secrets.token_hex(16))
    return file.read_text()


if __name__ == "__main__":
    app()
