"""The two halves of the service: what visitors ask scales without what hears, and the other way round."""

from __future__ import annotations

from backbone.service.working import Worker


async def test_readers_of_the_map_are_ready_without_kafka_and_show_what_another_replica_hears(
    service, client, health, put, an_event, eventually
):
    client.event_hooks = {"request": []}  # this service reads for itself
    service.take_role("http")

    async def is_ready():
        return (await health.get("/health/ready")).status_code == 200

    async def titles():
        features = (await client.get("/evenements.geojson")).json()["features"]
        return [feature["properties"]["title"] for feature in features]

    async with service.running():
        await eventually(is_ready)
        await put(an_event(title="Vue d’ici"))
        await eventually(titles)
        assert await titles() == ["Vue d’ici"]


async def test_who_only_hears_waits_for_kafka_and_never_for_the_board(service, health):
    service.take_role("work")
    assert (await health.get("/health/ready")).json()["waits_for"] == ["Kafka"]
    assert (await health.get("/health/counts")).json().keys() >= {"listed", "set_aside"}
    assert "held" not in (await health.get("/health/counts")).json()  # it has no feed that could be behind


def test_a_service_that_says_nothing_has_nobody_to_tell_it(service):
    assert list(service.telling) == []
    assert not any(isinstance(part, Worker) for part in service.parts)
