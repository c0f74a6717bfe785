"""What two versions of a service share while both run: a version that changes it and one that does not would each think
that they are alone (docs/upgrades.md)."""

from __future__ import annotations

from uuid import uuid4

from backbone.contracts import EventWithdrawn, OrganiserErased
from backbone.kafka.cluster import Cluster
from backbone.postgres.bell import CHANNELS
from backbone.postgres.migrations import MIGRATION_LOCK
from backbone.postgres.outbox import RELAY_LOCK
from backbone.postgres.upkeep import Upkeep
from backbone.service.folding import in_transaction
from backbone.service.listener import ASSIGNORS, Ears, Listener, open_broker
from map_feed.chronicle import CHRONICLE_LOCK


def test_the_locks_under_which_one_of_all_versions_leads_are_those_of_every_version() -> None:
    assert (RELAY_LOCK, MIGRATION_LOCK, CHRONICLE_LOCK) == (0x5D1_0B0C, 0x5D1_A1E, 0x5D1_C40)
    assert Upkeep(None, []).lock == 0xF94B_4A09  # type: ignore[arg-type]


def test_what_one_version_writes_wakes_the_other() -> None:
    assert set(CHANNELS) >= {"outbox", "jobs"}


def test_both_versions_deal_out_partitions_alike_or_kafka_lets_only_one_of_them_in() -> None:
    # another way is one more release: the first offers both, the second only the new one
    assert [one.name for one in ASSIGNORS] == ["range"]


async def test_what_an_older_version_passed_over_a_newer_one_takes_once_it_is_read_again(
    engine, publisher, make_record, withdrawn, effects, note
) -> None:
    async def hear(fact, tx, _):
        await note(tx, getattr(fact, "revision", "erased"))

    def version(*facts):
        ears = Ears("geocoding", open_broker("geocoding", Cluster("127.0.0.1:1")), publisher)
        return Listener(ears, engine, {fact: in_transaction(hear) for fact in facts})

    told = [make_record(withdrawn(1)), make_record(OrganiserErased(organiser_id=uuid4()), 1)]
    older, newer = version(EventWithdrawn), version(EventWithdrawn, OrganiserErased)
    await older.take(told)
    assert older.passed_over.total() == 1
    await newer.take(told)  # the group was set back
    await newer.take(told)
    assert await effects() == ["1", "erased"]
