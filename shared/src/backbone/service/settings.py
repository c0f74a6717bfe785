"""Settings of a service: from the environment, or from the files that `*_FILE` variables name."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from pydantic import AwareDatetime, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from ..campaign.clock import Clock
from ..kafka.cluster import Cluster, Mechanism
from ..postgres.purge import Purge, ended_jobs, published_facts, taken_messages


class ServiceSettings(BaseSettings):
    """What every service must be told. `GEOCODING_HTTP_PORT` wins over `HTTP_PORT`, so that five services
    can share one environment; `DATABASE_URL_FILE` names a file to read `DATABASE_URL` from."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)
    service: ClassVar[str]
    jobs_in_use: ClassVar[tuple[str, ...]] = ()
    """Kinds of jobs whose rows are still asked for once they have ended: those stay."""

    database_url: SecretStr = Field(description="postgresql+asyncpg://user:password@host:port/database")
    kafka_bootstrap_servers: str = Field(description="host:port[,host:port]")
    kafka_username: str | None = Field(None, description="The service's own principal; unset: the cluster is open")
    kafka_password: SecretStr | None = Field(None, description="The principal's", validate_default=True)
    kafka_sasl_mechanism: Mechanism = Field("SCRAM-SHA-512", description="How the principal shows who it is")
    kafka_tls: bool = Field(False, description="Whether to speak TLS; needed wherever others share the network")
    kafka_ca: str | None = Field(None, description="PEM of who vouches for the brokers; unset: whom the system trusts")
    kafka_session_seconds: float = Field(
        30.0, ge=6, description="Without a sign of life for so long, a replica's partitions go to the others"
    )
    outbox_kept_days: int = Field(
        14, ge=1, description="Published facts stay in the outbox for so long, to look into an incident"
    )
    outbox_slot: str | None = Field(
        None,
        pattern="^[a-z0-9_]{1,63}$",
        description="The slot of a connector that tells the outbox (docs/debezium.md); unset: the relay tells it",
    )
    inbox_kept_days: int = Field(
        330, ge=30, description="What was heard is known for so long, and does nothing when it is delivered again"
    )
    jobs_kept_days: int = Field(30, ge=1, description="Jobs that were done stay for so long, to look into an incident")
    dead_jobs_kept_days: int = Field(330, ge=1, description="Dead jobs can be queued again for so long")
    edition: Path = Field(
        description="The current edition's file, e.g. editions/2026.toml; those beside it are known too"
    )
    now: AwareDatetime | None = Field(None, description="Start of the campaign's clock; the real time if unset")
    now_since: AwareDatetime | None = Field(
        None, description="The real instant at which it was NOW; unset: each start of the service begins with NOW"
    )
    http_host: str = Field("127.0.0.1", description="The address of this machine to listen on; 0.0.0.0: all of them")
    http_port: int = Field(8000, ge=0, le=65535, description="Where people and programs ask; 0: any that is free")
    health_port: int = Field(8001, ge=0, le=65535, description="Where /health/* is asked; keep the public away")
    trusted_proxies: str = Field(
        "", description="Networks of the reverse proxies whose X-Forwarded-For and -Proto are believed: 10.0.3.0/24[,…]"
    )
    public_map_url: str = Field("http://127.0.0.1:8000", description="Where the public map is reached")
    stop_within_seconds: float = Field(
        40.0, gt=0, description="A process told to stop that has not by then is ended, and its log says what hung"
    )
    log_format: str = Field("text", pattern="^(text|json)$", description="text for people, json for programs")
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="And what is graver")
    otel_exporter_otlp_endpoint: str | None = Field(
        None, pattern="^https?://", description="Where traces go, by OTLP/HTTP: http://collector:4318; unset: nowhere"
    )
    traces_sampled: float = Field(
        0.05, ge=0, le=1, description="Of the traces that begin at this service, so many are recorded, from 0 to 1"
    )

    @field_validator("kafka_password")
    @classmethod
    def _comes_with_its_name(cls, password: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if (password is None) != (info.data.get("kafka_username") is None):
            raise ValueError("KAFKA_USERNAME and KAFKA_PASSWORD are set together or not at all")
        return password

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, trusted_proxies: str) -> str:
        _networks(trusted_proxies)
        return trusted_proxies

    @property
    def proxies(self) -> Sequence[IPv4Network | IPv6Network]:
        """The networks of the trusted reverse proxies."""
        return _networks(self.trusted_proxies)

    @property
    def purges(self) -> list[Purge]:
        """What is kept for a time only."""
        return [
            published_facts(timedelta(days=self.outbox_kept_days)),
            taken_messages(timedelta(days=self.inbox_kept_days)),
            ended_jobs(
                timedelta(days=self.jobs_kept_days), timedelta(days=self.dead_jobs_kept_days), but=self.jobs_in_use
            ),
        ]

    @property
    def clock(self) -> Clock:
        """The campaign's clock."""
        return Clock(self.now, self.now_since)

    @property
    def kafka(self) -> Cluster:
        """The cluster, as this service's principal."""
        return Cluster(
            servers=self.kafka_bootstrap_servers,
            username=self.kafka_username,
            password=self.kafka_password,
            mechanism=self.kafka_sasl_mechanism,
            tls=self.kafka_tls,
            authority=self.kafka_ca,
        )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        prefix = f"{cls.service.upper().replace('-', '_')}_"
        sources: list[PydanticBaseSettingsSource] = [init_settings]
        for name_prefix in (prefix, ""):
            sources.append(EnvSettingsSource(settings_cls, env_prefix=name_prefix))
            sources.append(FileSettingsSource(settings_cls, name_prefix))
        return tuple(sources)


def _networks(text: str) -> list[IPv4Network | IPv6Network]:
    return [ip_network(part.strip()) for part in text.split(",") if part.strip()]


class FileSettingsSource(PydanticBaseSettingsSource):
    """Reads `NAME` from the file that `NAME_FILE` names: how Docker and Kubernetes hand over secrets."""

    def __init__(self, settings_cls: type[BaseSettings], prefix: str) -> None:
        super().__init__(settings_cls)
        self._prefix = prefix

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        path = os.environ.get(f"{self._prefix}{field_name}_FILE".upper())
        return (Path(path).read_text().strip() if path else None), field_name, False

    def __call__(self) -> dict[str, Any]:
        values = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in values.items() if value is not None}


S = TypeVar("S", bound=ServiceSettings)


def read_settings(settings: type[S]) -> S:
    """The service's settings; where one is missing or wrong, one line that names it and exit code 2."""
    try:
        return settings()
    except ValidationError as error:
        for problem in error.errors():
            name = "_".join(str(part) for part in problem["loc"]).upper()
            what = "is not set" if problem["type"] == "missing" else f"is wrong: {problem['msg']}"
            print(f"{settings.service}: the setting {name} {what}", file=sys.stderr)  # noqa: T201 (before any log)
    except OSError as error:
        print(f"{settings.service}: {error.filename} cannot be read: {error.strerror}", file=sys.stderr)  # noqa: T201
    raise SystemExit(2)
