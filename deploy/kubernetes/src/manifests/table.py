"""Which processes run, what each needs, and how much of a machine: the one table that the manifests are made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from backbone.contracts.topics import PARTITIONS

Need = Literal["dns", "postgres", "kafka", "mail", "registration", "geocoder", "webhooks"]
"""What a process must reach; a network policy for each lets those through that have its label."""

PART_OF = "semaine-industrie"
HTTP, HEALTH, FRONT = 8000, 8001, 8443
USER = 10001  # as the image has it


@dataclass(frozen=True)
class Memory:
    """What one process was measured to hold (MiB of resident memory), asked for with room above it."""

    measured: int
    request: int
    limit: int


@dataclass(frozen=True)
class Scale:
    """From how many replicas to how many; `per_replica`: messages of lag, or due jobs, that ask for one more."""

    least: int
    most: int
    lag: int = 0
    jobs: tuple[str, int] | None = None
    """Of which kind, and how many of them are work for one replica."""


@dataclass(frozen=True)
class Process:
    """A service in one of its roles."""

    service: str
    role: Literal["http", "work"]
    needs: Sequence[Need]
    memory: Memory
    cpu: str
    scale: Scale
    signs: bool = False
    """Whether it is told the key that signs access tokens."""
    mails: bool = False
    """Whether it is told of the mail server: a setting that registration must have in both roles."""

    seals: bool = False
    """Whether it is told the key that opens the webhooks' secrets."""

    @property
    def name(self) -> str:
        return f"{self.service}-{self.role}"

    @property
    def hears(self) -> bool:
        return self.role == "work"


# Measured (demonstrations on two cores beside other work, 2026-11-27; resident, in MiB): registration 272, labelling
# 147, commskit 132 and, not measured, its renderer as much again, geocoding 125, map-feed 121. The map holds what
# it shows: some 10 KB an event in each process that answers. A limit is what a process has never come near.
#
# What one replica takes (docs/benchmarks.md): labelling 1,180 messages a second, the others 8,000 and more; a kit takes
# a fifteenth of a second of a core. A lag of ten seconds' work asks for one more. More than the topics have partitions
# would sit idle. Geocoding is not faster by more replicas: the national service answers 50 questions a second to all
# of them together (its database keeps the count); the second is there for when a node goes.
PROCESSES: Sequence[Process] = (
    Process(
        "registration", "http", ("dns", "postgres"), Memory(272, 384, 1024), "500m", Scale(2, 6), signs=True, mails=True
    ),
    Process(
        "registration",
        "work",
        ("dns", "postgres", "kafka", "mail"),
        Memory(272, 320, 640),
        "250m",
        Scale(2, PARTITIONS, lag=50_000),
        signs=True,
        mails=True,
    ),
    Process("labelling", "http", ("dns", "postgres", "registration"), Memory(147, 192, 512), "250m", Scale(2, 4)),
    Process(
        "labelling",
        "work",
        ("dns", "postgres", "kafka"),
        Memory(147, 192, 512),
        "500m",
        Scale(2, PARTITIONS, lag=10_000),
    ),
    # communes to who is typing, from memory: its database is asked for its health alone
    Process("geocoding", "http", ("dns", "postgres"), Memory(150, 192, 384), "100m", Scale(2, 4)),
    Process("geocoding", "work", ("dns", "postgres", "kafka", "geocoder"), Memory(125, 192, 384), "250m", Scale(2, 2)),
    # downloads of kits, which it makes as they are asked for
    Process("commskit", "http", ("dns", "postgres", "registration"), Memory(264, 384, 1024), "250m", Scale(2, 4)),
    Process(
        "commskit",
        "work",
        ("dns", "postgres", "kafka", "mail"),
        Memory(264, 384, 1024),
        "1",
        Scale(2, PARTITIONS, lag=50_000, jobs=("kit", 300)),
        mails=True,
    ),
    Process("map-feed", "http", ("dns", "postgres"), Memory(121, 512, 1536), "500m", Scale(2, 10)),
    Process(
        "map-feed",
        "work",
        ("dns", "postgres", "kafka", "webhooks"),
        Memory(121, 192, 512),
        "250m",
        Scale(2, PARTITIONS, lag=50_000),
        seals=True,
    ),
)

SERVICES = tuple(dict.fromkeys(process.service for process in PROCESSES))
SHOWN = ("registration", "labelling", "geocoding", "commskit", "map-feed")  # what the front leads to
