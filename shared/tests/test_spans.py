"""What is recorded of a trace, and that it costs nothing and stops nobody."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import ClassVar
from uuid import UUID

import httpx
import pytest
import uvicorn
from fastapi import APIRouter, FastAPI
from opentelemetry.trace import SpanKind
from sqlalchemy import select
from starlette.responses import PlainTextResponse

from backbone.contracts import EventWithdrawn
from backbone.http.door import Limits, opened
from backbone.http.traced import Traced
from backbone.kafka.cluster import Cluster
from backbone.postgres.bell import Bell
from backbone.postgres.database import outbox
from backbone.postgres.jobs import Job, JobRefused, Retry, queue_jobs
from backbone.postgres.outbox import Relay, tell_now
from backbone.runtime.spans import OFF, open_tracing, part
from backbone.runtime.trace import current_trace, trace
from backbone.service.folding import in_transaction
from backbone.service.listener import Ears, Listener, open_broker
from backbone.service.outcomes import Work
from backbone.service.process import bound
from backbone.service.working import Worker
from backbone.testing.collector import Collector
from local_stack.ports import free_port

ID = "0af7651916cd43dd8448eb211c80319c"
TRACE = f"00-{ID}-b7ad6b7169203331-01"
UNRECORDED = f"00-{ID}-b7ad6b7169203331-00"
EVENT = UUID(int=1)


@pytest.fixture
def collector():
    with Collector() as collector:
        yield collector


@pytest.fixture
async def tracing(collector):
    tracing = open_tracing("geocoding", collector.url, 1.0)
    yield tracing
    await tracing.close()


@pytest.fixture
def take(engine, publisher, make_record, withdrawn, tracing):
    """Has a service hear a fact of each trace, in one poll."""

    async def take(hear, *traceparents):
        ears = Ears("geocoding", open_broker("geocoding", Cluster("127.0.0.1:1")), publisher, tracing=tracing)
        records = []
        for number, traceparent in enumerate(traceparents, 1):
            fact = withdrawn(number)
            headers = [*make_record(fact, number).headers, ("traceparent", traceparent.encode())]
            records.append(make_record(fact, number, headers=headers))
        await Listener(ears, engine, {EventWithdrawn: in_transaction(hear)}).take(records)
        await tracing.close()

    return take


# --- what a span says ------------------------------------------------------------------------------------------------


async def test_a_fact_that_is_folded_is_a_span_and_what_follows_from_it_follows_from_that(
    engine, collector, take, withdrawn
):
    async def hear(fact, tx, _):
        return [withdrawn(fact.revision + 100)]

    await take(hear, TRACE, UNRECORDED)
    (span,) = collector.spans
    assert (span.service, span.name, span.kind) == ("geocoding", "process registration.events", "CONSUMER")
    assert (span.trace_id, span.parent_id, span.has_failed) == (ID, "b7ad6b7169203331", False)
    assert span.attributes == {
        "messaging.system": "kafka",
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "messaging.destination.name": "registration.events",
        "messaging.destination.partition.id": "0",
        "messaging.kafka.offset": 1,
        "messaging.consumer.group.name": "geocoding",
        "messaging.message.id": "id-1",
        "cloudevents.event_type": EventWithdrawn.ce_type,
        "sdi.event.id": str(EVENT),
    }
    async with engine.connect() as connection:
        told = list(await connection.scalars(select(outbox.c.headers).order_by(outbox.c.seq)))
    assert [headers["traceparent"] for headers in told] == [span.traceparent, UNRECORDED]


async def test_of_a_poll_that_is_rolled_back_and_gone_through_again_each_try_is_a_span_and_says_no_words(
    collector, take, publisher
):
    async def hear(fact, tx, _):
        if fact.revision == 2:
            raise ValueError("marie@exemple.fr")

    await take(hear, TRACE, TRACE)
    spans = [(span.attributes["messaging.message.id"], span.has_failed) for span in collector.spans]
    assert spans == [("id-1", True), ("id-2", True), ("id-1", False), ("id-2", True)]
    assert {span.attributes.get("error.type") for span in collector.spans if span.has_failed} == {"ValueError"}
    assert not any(span.has_words for span in collector.spans)
    (letter,) = publisher.records
    assert dict(letter.headers)["traceparent"] == TRACE.encode()  # as it came: replayed, it goes on from there


async def test_a_fact_that_is_told_is_a_span_and_leaves_with_it(engine, collector, publisher, tracing, withdrawn):
    for traceparent in (TRACE, UNRECORDED):
        with trace(traceparent):
            async with engine.begin() as tx:
                await tell_now(tx, withdrawn(1))
    async with engine.connect() as connection:
        await Relay(engine, publisher, Bell(engine), tracing=tracing).publish_some(connection)
    await tracing.close()
    (span,) = collector.spans
    recorded, unrecorded = (dict(record.headers) for record in publisher.records)
    assert (recorded["traceparent"].decode(), unrecorded["traceparent"].decode()) == (span.traceparent, UNRECORDED)
    assert (span.name, span.kind, span.parent_id) == ("send registration.events", "PRODUCER", "b7ad6b7169203331")
    assert span.attributes["messaging.message.id"] == recorded["ce_id"].decode()
    assert span.attributes["sdi.event.id"] == str(EVENT)


class Ask(Job):
    kind: ClassVar[str] = "ask"
    event_id: UUID = EVENT

    @property
    def key(self):
        return str(self.event_id)


async def test_each_try_at_a_job_is_a_span_with_its_parts_and_what_comes_of_it_follows_from_the_last(
    engine, collector, tracing, withdrawn
):
    async def ask(claimed, desk):
        with part("geocode", provider="ban"):
            if claimed.attempt == 1:
                raise RuntimeError("marie@exemple.fr lives at 3, rue de la Paix")

    async def note(done, tx, desk):
        return [withdrawn(9)]

    work = Work(Ask, ask, then=in_transaction(note), retry=Retry(first=0.0, cap=0.0))
    worker = Worker(engine, Bell(engine), work, None, tracing=tracing)
    async with engine.begin() as tx:
        await queue_jobs(tx, [(Ask(), timedelta(0), TRACE)])
    assert (await worker.run_due(), await worker.run_due()) == (1, 1)
    await tracing.close()
    tries = [span for span in collector.spans if span.name == "job ask"]
    parts = [span for span in collector.spans if span.name == "geocode"]
    assert [(span.attributes["sdi.job.attempt"], span.has_failed, span.parent_id) for span in tries] == [
        (1, True, "b7ad6b7169203331"),
        (2, False, "b7ad6b7169203331"),
    ]
    assert [span.parent_id for span in parts] == [span.span_id for span in tries]
    assert tries[0].attributes["error.type"] == parts[0].attributes["error.type"] == "RuntimeError"
    assert {span.attributes["sdi.event.id"] for span in tries} == {str(EVENT)}
    assert parts[0].attributes["sdi.provider"] == "ban"
    assert not any(span.has_words for span in collector.spans)
    async with engine.connect() as connection:
        (headers,) = await connection.scalars(select(outbox.c.headers))
    assert headers["traceparent"] == tries[1].traceparent


async def test_a_job_that_is_refused_says_the_reason_s_code_alone(engine, collector, tracing):
    async def ask(claimed, desk):
        raise JobRefused("mail-refused", "the mail server answered 550 to marie@exemple.fr")

    worker = Worker(engine, Bell(engine), Work(Ask, ask), None, tracing=tracing)
    async with engine.begin() as tx:
        await queue_jobs(tx, [(Ask(), timedelta(0), TRACE)])
    await worker.run_due()
    await tracing.close()
    (span,) = collector.spans
    assert (span.attributes["error.type"], span.has_words) == ("mail-refused", False)


# --- requests: where traces begin ------------------------------------------------------------------------------------


def an_app(tracing, told):
    app, routes = FastAPI(), APIRouter(prefix="/v1/events")

    @routes.post("/{event_id}/submission")
    async def submit(event_id: UUID) -> None:
        told.append(current_trace())

    @routes.get("/broken")
    async def broken() -> PlainTextResponse:
        return PlainTextResponse("", status_code=503)

    app.include_router(routes)
    app.add_middleware(Traced, tracing=tracing)
    return app


@pytest.fixture
def asking():
    """A client of an app that is served as a service's is."""

    @asynccontextmanager
    async def serve(app, *, proxies=()):
        from ipaddress import ip_network

        networks = [ip_network(each) for each in proxies]
        config = uvicorn.Config(
            app,
            port=free_port(),
            http=opened(Limits(), networks),
            log_config=None,
            lifespan="off",
            proxy_headers=bool(proxies),
            forwarded_allow_ips=[*proxies],
        )
        server, listening = uvicorn.Server(config), bound(config)
        running = asyncio.create_task(server.serve([listening]))
        try:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{config.port}") as client:
                yield client
        finally:
            server.should_exit = True
            await running

    return serve


SUBMISSION = f"/v1/events/{EVENT}/submission"
OUTSIDERS = {"traceparent": TRACE, "tracestate": "theirs=marie", "baggage": "who=marie"}


async def test_a_request_begins_a_trace_and_its_span_says_the_route_and_never_the_address(collector, tracing, asking):
    told = []
    async with asking(an_app(tracing, told)) as client:
        await client.post(SUBMISSION + "?jeton=secret")
        await client.post("/v1/events/marie@exemple.fr/submission")
        await client.get("/nothing/of/marie")
        await client.get("/v1/events/broken")
        await client.request("MARIE", "/v1/events/broken")
    await tracing.close()
    submitted, unprocessable, nothing, broken, odd = collector.spans
    assert (submitted.name, submitted.kind) == ("POST /v1/events/{event_id}/submission", "SERVER")
    assert (submitted.parent_id, submitted.traceparent) == ("", told[0])
    assert submitted.attributes == {
        "http.request.method": "POST",
        "http.route": "/v1/events/{event_id}/submission",
        "http.response.status_code": 200,
        "sdi.event.id": str(EVENT),
    }
    assert "sdi.event.id" not in unprocessable.attributes
    assert nothing.attributes == {"http.request.method": "GET", "http.response.status_code": 404}
    assert (broken.has_failed, broken.attributes["error.type"]) == (True, "503")
    assert (odd.name, odd.attributes["http.request.method"]) == ("HTTP /v1/events/broken", "_OTHER")
    assert len({span.trace_id for span in collector.spans}) == 5


async def test_an_outsider_neither_chooses_a_trace_nor_has_one_recorded(collector, asking):
    told = []
    seldom = open_tracing("registration", collector.url, 0.0)
    async with asking(an_app(seldom, told)) as client:
        for _ in range(20):
            await client.post(SUBMISSION, headers=OUTSIDERS)
    await seldom.close()
    assert collector.spans == []
    assert {traceparent.split("-")[3] for traceparent in told} == {"00"}
    assert ID not in {traceparent.split("-")[1] for traceparent in told}
    assert len(set(told)) == 20


@pytest.mark.parametrize(("flag", "recorded"), [("01", 1), ("00", 0)])
async def test_a_proxy_that_is_trusted_has_begun_the_trace_and_said_whether_it_is_recorded(
    collector, asking, flag, recorded
):
    told = []
    tracing = open_tracing("registration", collector.url, 1.0 - recorded)  # what it says counts, and not the share
    async with asking(an_app(tracing, told), proxies=["127.0.0.1/32"]) as client:
        forwarded = {**OUTSIDERS, "traceparent": TRACE[:-2] + flag, "X-Forwarded-For": "203.0.113.9"}
        await client.post(SUBMISSION, headers=forwarded)
        await client.post(SUBMISSION, headers={**forwarded, "traceparent": "nonsense"})
    await tracing.close()
    assert told[0].split("-")[1] == ID
    assert told[1].split("-")[1] != ID
    assert [span.parent_id for span in collector.spans if span.trace_id == ID] == ["b7ad6b7169203331"] * recorded
    assert not any(span.has_words for span in collector.spans)  # tracestate among them


async def test_so_many_requests_are_recorded_as_the_share_says(collector, asking):
    told = []
    tracing = open_tracing("registration", collector.url, 0.5)
    async with asking(an_app(tracing, told)) as client:
        for _ in range(200):
            await client.post(SUBMISSION)
    await tracing.close()
    recorded = [traceparent for traceparent in told if traceparent.endswith("-01")]
    assert 50 < len(recorded) < 150  # by chance never: one in ten million million
    assert {span.traceparent for span in collector.spans} == set(recorded)


# --- that nobody waits for it ----------------------------------------------------------------------------------------


async def test_without_a_collector_nothing_is_loaded_and_nothing_recorded():
    program = (
        "import sys; import backbone.service.process; from backbone.runtime.spans import OFF, open_tracing;"
        "assert open_tracing('geocoding', None, 1.0) is OFF; print('opentelemetry.sdk' in sys.modules)"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", program], capture_output=True, text=True, env=environment, check=True
    )
    assert done.stdout == "False\n"
    assert OFF.begin_trace("GET", SpanKind.INTERNAL, {}) is None


async def test_two_services_in_one_process_keep_their_spans_apart():
    with Collector() as one, Collector() as two:
        mine, yours = open_tracing("registration", one.url, 1.0), open_tracing("labelling", two.url, 1.0)
        for tracing in (mine, yours):
            tracing.begin_trace("GET", SpanKind.INTERNAL, {}).end()
        await mine.close()
        await yours.close()
        assert [(span.service) for span in one.spans + two.spans] == ["registration", "labelling"]


@pytest.mark.parametrize("trouble", ["away", "silent", "refuses"])
async def test_a_collector_in_trouble_holds_up_neither_the_work_nor_the_stop(collector, monkeypatch, trouble):
    monkeypatch.setattr("backbone.runtime.spans.FLUSH_SECONDS", 0.5)
    collector.answer = 503
    if trouble == "silent":
        collector.may_answer.clear()
    url = "http://127.0.0.1:1" if trouble == "away" else collector.url
    tracing = open_tracing("geocoding", url, 1.0)
    for _ in range(5000):  # more than its queue holds
        tracing.begin_trace("GET", SpanKind.INTERNAL, {}).end()
    (processor,) = tracing._tracer.span_processor._span_processors
    assert len(processor._batch_processor._queue) <= 2048
    began = time.monotonic()
    await tracing.close()
    assert time.monotonic() - began < 10.0  # it would be half a minute otherwise
    assert collector.spans == []


async def test_what_was_recorded_last_is_sent_at_the_stop(collector):
    tracing = open_tracing("geocoding", collector.url, 1.0)
    tracing.begin_trace("GET", SpanKind.INTERNAL, {}).end()
    await tracing.close()
    assert len(collector.spans) == 1
    await tracing.close()  # a second stop is none


async def test_a_span_says_nothing_but_what_is_on_the_list(collector, tracing):
    span = tracing.begin_trace("GET", SpanKind.INTERNAL, {"user.email": "marie@exemple.fr", "sdi.job.kind": "mail"})
    span.say({"url.full": "/confirmer?jeton=secret", "sdi.provider": "ban"})
    span.end()
    await tracing.close()
    (span,) = collector.spans
    assert span.attributes == {"sdi.job.kind": "mail", "sdi.provider": "ban"}
