"""One webhook in hand: its receiver is sent what it lacks, in order, and how far it has come is written down."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from backbone.runtime.failpoints import failpoint
from backbone.runtime.waiting import backoff, is_transient

from ..domain.changes import Change, Has, for_receiver
from ..domain.cursor import Cursor
from ..domain.destinations import NoDestination
from ..domain.listing import Listing, read_listing
from ..domain.search import Search
from ..store.changes import changes_after, read_journal
from ..store.events import Seen, seen_of
from ..store.webhooks import (
    NotOurs,
    Progress,
    State,
    Webhook,
    held_of,
    keep_progress,
    let_go,
    note_failure,
    note_on_the_way,
)
from ..tail import Tail
from .messages import Message, anew, headers, of_change
from .sealing import Seal, Unsealable
from .sender import Line, Sender

log = logging.getLogger(__name__)

AT_ONCE = 100  # changes read at one time
LEASE_SECONDS = 20.0  # longer than a stay, a request, and what is written down behind it
KEEP_SECONDS = 0.5  # what was taken is written down so often: a process that dies repeats that much
STAY_SECONDS = 5.0  # with the connection open, for what comes next
FIRST_WAIT, LONGEST_WAIT = 1.0, 900.0
MOST_ASKED_WAIT = 3600.0
GONE = 410


class Failed(Exception):
    """The receiver did not take it; the message says what it did instead, to the operator."""

    def __init__(self, message: str, *, retry_after: float | None = None, is_over: bool = False) -> None:
        super().__init__(message)
        self.retry_after, self.is_over = retry_after, is_over


class OtherJournal(Exception):
    """The changes are those of another journal than the receiver was told."""

    def __init__(self, journal: UUID) -> None:
        super().__init__(journal)
        self.journal = journal


@dataclass(frozen=True)
class Means:
    """What deliveries are made with."""

    engine: AsyncEngine
    tail: Tail
    sender: Sender
    seal: Seal
    public_url: str
    give_up: timedelta


@dataclass(frozen=True)
class Due:
    """A message, or none, and what its receiver has and how far it has come once it has taken it."""

    message: Message | None
    number: int
    now_held: tuple[UUID, bool] | None = None
    had: Has = Has.NO

    @property
    def comes_or_goes(self) -> bool:
        """Whether the event comes to the receiver or goes from it, as far as anybody knows."""
        return self.now_held is not None and self.had is not (Has.YES if self.now_held[1] else Has.NO)


class Delivery:
    """Delivers to one webhook until there is nothing more, something fails, or somebody else does."""

    def __init__(self, means: Means, webhook: Webhook, stopping: asyncio.Event) -> None:
        self._means, self._webhook, self._stopping = means, webhook, stopping
        self._search = Search.model_validate(dict(webhook.filters))
        self._progress, self._kept_at = Progress(webhook.journal, webhook.number), time.monotonic()

    async def run(self) -> None:
        try:
            await self._deliver()
        except NotOurs:
            return
        except (Failed, NoDestination, Unsealable) as error:
            await self._note(error)
        except asyncio.CancelledError:
            await self._hand_back()
            raise
        except Exception as error:
            if not is_transient(error):
                raise
            about = {"webhook": str(self._webhook.id), "error": type(error).__name__}
            log.warning("a delivery lost its database: it returns when its lease ends", extra=about)

    async def _deliver(self) -> None:
        async with self._means.sender.to(self._webhook.url) as line:
            is_more = True
            while is_more and not self._stopping.is_set():
                try:
                    due, is_more = await self._next()
                except OtherJournal as other:
                    await self._begin_anew(line, other.journal)
                    continue
                await self._announce(due)
                await self._send(line, due)
                await self._keep()
                is_more = is_more or await self._something_comes()
        await self._hand_back()

    async def _something_comes(self) -> bool:
        tail = self._means.tail
        await tail.beyond(self._progress.number, STAY_SECONDS)
        return tail.journal is not None and tail.journal.newest > self._progress.number

    async def _begin_anew(self, line: Line, journal: UUID) -> None:
        """Begins at the beginning; whoever was told the changes of another journal is told to forget them first."""
        before = self._progress.journal
        if before is not None:
            await self._post(line, anew(journal))
        self._progress = Progress(journal, 0, delivered=int(before is not None), begins_anew=True)
        await self._keep()

    async def _next(self) -> tuple[Sequence[Due], bool]:
        """The next messages, and whether there are more behind them. Raises OtherJournal."""
        async with self._means.engine.connect() as connection:
            journal = await read_journal(connection)  # first: what is told meanwhile is found the next time
            if journal.journal != self._progress.journal:
                raise OtherJournal(journal.journal)
            here = Cursor(journal.journal, self._progress.number)
            found = await changes_after(connection, here, AT_ONCE)
            has = await held_of(connection, self._webhook, [change.event_id for change in found])
            wanted = await self._wanted(connection, found)
        due = [self._due(change, has[change.event_id], change.event_id in wanted) for change in found]
        if len(found) == AT_ONCE:
            return due, True
        # the journal was read before: some of what was found may be newer than what it says
        last = found[-1].number if found else here.number
        return [*due, Due(None, max(journal.newest, last))], False

    def _due(self, change: Change, has_it: Has, wants_it: bool) -> Due:
        told = for_receiver(change, has_it=has_it, wants_it=wants_it)
        if told is None:
            return Due(None, change.number)
        message = of_change(told, self._means.public_url)
        return Due(message, change.number, (change.event_id, told.feature is not None), has_it)

    async def _wanted(self, connection: AsyncConnection, found: Sequence[Change]) -> Collection[UUID]:
        shown = [change.event_id for change in found if change.feature is not None]
        if not self._webhook.filters:
            return set(shown)
        rows = await seen_of(connection, shown)
        return await asyncio.to_thread(lambda: {row.event_id for row in rows if self._search.finds(_listing(row))})

    async def _announce(self, due: Sequence[Due]) -> None:
        """Writes down what the receiver has perhaps, should nobody hear how it took the requests: an answer is lost, a
        process dies. By then the event may have gone again, and it must be told so."""
        if events := [one.now_held[0] for one in due if one.now_held and one.comes_or_goes]:
            async with self._means.engine.begin() as tx:
                await note_on_the_way(tx, self._webhook, events)

    async def _send(self, line: Line, due: Sequence[Due]) -> None:
        for one in due:
            if self._stopping.is_set():
                return
            if one.message:
                await self._post(line, one.message)
                failpoint("after-post-before-progress")
                self._progress.delivered += 1
            if one.now_held:
                event_id, has_it = one.now_held
                self._progress.now_held[event_id] = has_it
            self._progress.number = one.number
            if time.monotonic() - self._kept_at > KEEP_SECONDS:
                await self._keep()

    async def _post(self, line: Line, message: Message) -> None:
        """Raises Failed, NoDestination, Unsealable."""
        above = headers(message, self._secrets(), datetime.now(UTC), self._means.public_url)
        try:
            answer = await line.post(above, message.body)
        except OSError as error:
            raise Failed(str(error) or type(error).__name__) from error
        if not answer.is_taken:
            said = f"answered {answer.status} {answer.words}".strip()
            said += " (a redirect is not followed)" if 300 <= answer.status < 400 else ""
            raise Failed(said, retry_after=answer.retry_after, is_over=answer.status == GONE)

    def _secrets(self) -> list[str]:
        webhook, seal = self._webhook, self._means.seal
        is_overlapping = webhook.old_secret and webhook.old_until and webhook.old_until > datetime.now(UTC)
        sealed = [webhook.secret, *([webhook.old_secret] if webhook.old_secret and is_overlapping else [])]
        return [seal.opened(secret) for secret in sealed]

    # --- what is written down --------------------------------------------------------------------

    async def _keep(self) -> None:
        async with self._means.engine.begin() as tx:
            self._webhook = await keep_progress(tx, self._webhook, self._progress, LEASE_SECONDS)
        self._progress, self._kept_at = Progress(self._progress.journal, self._progress.number), time.monotonic()

    async def _hand_back(self) -> None:
        await self._keep()
        async with self._means.engine.begin() as tx:
            await let_go(tx, self._webhook)

    async def _note(self, error: Failed | NoDestination | Unsealable) -> None:
        """Writes down what was taken before, and that this was not."""
        try:
            await self._keep()
        except NotOurs:
            return
        webhook, now = self._webhook, datetime.now(UTC)
        state = State.ACTIVE
        if isinstance(error, Failed) and error.is_over:
            state = State.GONE
        elif webhook.failing_since and now - webhook.failing_since > self._means.give_up:
            state = State.GIVEN_UP
        asked = min(getattr(error, "retry_after", None) or 0.0, MOST_ASKED_WAIT)
        wait = max(backoff(webhook.tries + 1, FIRST_WAIT, LONGEST_WAIT), asked)
        async with self._means.engine.begin() as tx:
            await note_failure(tx, webhook, str(error), wait=wait, state=state)
        about: Mapping[str, object] = {"webhook": str(webhook.id), "tries": webhook.tries + 1, "reason": str(error)}
        if state is State.ACTIVE:
            log.warning("a webhook was not delivered: it is tried again", extra={**about, "in_seconds": round(wait)})
        else:
            log.error("a webhook is %s: an operator resumes or removes it", state.value, extra=about)


def _listing(row: Seen) -> Listing:
    return read_listing(row.event, row.location)
