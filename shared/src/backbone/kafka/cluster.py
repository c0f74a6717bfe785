"""Where Kafka is, and as whom its clients enter."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512
from pydantic import SecretStr

Mechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]

_SASL: Mapping[Mechanism, Callable[..., BaseSecurity]] = {
    "PLAIN": SASLPlaintext,
    "SCRAM-SHA-256": SASLScram256,
    "SCRAM-SHA-512": SASLScram512,
}


@dataclass(frozen=True)
class Cluster:
    """A Kafka cluster as one principal sees it; without a `username` as nobody, which only an open cluster lets in.

    `authority` is the certificate (PEM) of who vouches for the brokers; None: whom the system trusts.
    """

    servers: str
    username: str | None = None
    password: SecretStr | None = None
    mechanism: Mechanism = "SCRAM-SHA-512"
    tls: bool = False
    authority: str | None = None

    @property
    def protocol(self) -> str:
        """Kafka's name for how one speaks to it: PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL."""
        return ("SASL_" if self.username else "") + ("SSL" if self.tls else "PLAINTEXT")

    def client_options(self) -> dict[str, Any]:
        """What every client of aiokafka is told."""
        options: dict[str, Any] = {"bootstrap_servers": self.servers, "security_protocol": self.protocol}
        if self.tls:
            options["ssl_context"] = self._tls_context()
        if self.username and self.password:
            options |= {
                "sasl_mechanism": self.mechanism,
                "sasl_plain_username": self.username,
                "sasl_plain_password": self.password.get_secret_value(),
            }
        return options

    def security(self) -> BaseSecurity:
        """The same for FastStream's broker."""
        context = self._tls_context() if self.tls else None
        if self.username and self.password:
            return _SASL[self.mechanism](self.username, self.password.get_secret_value(), context, self.tls)
        return BaseSecurity(context, self.tls)

    def _tls_context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cadata=self.authority)
