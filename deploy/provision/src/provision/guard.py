"""Kafka's guard: nobody enters without a password, and nobody may do what was not granted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from confluent_kafka import KafkaException
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialAlteration,
    UserScramCredentialUpsertion,
)

from backbone.contracts.grants import PRINCIPALS, Grant, grants
from backbone.kafka.cluster import Cluster

from .errors import CannotStart
from .kafka_client import admin_client

ADMIN = "admin"
LISTENERS = ("CLIENTS", "CONTROLLER", "OUTSIDE")
TIMEOUT = 30.0
ITERATIONS = 4096  # the least that Kafka takes: what it protects are random passwords, not a person's


def guard_properties(password: str) -> dict[str, str]:
    """The settings of a broker whose listeners are CLIENTS, CONTROLLER and perhaps OUTSIDE; `password` is the admin's.

    The admin enters by a password in this file, so that there is somebody who can let the others in; they enter by
    SCRAM, and the cluster knows no more of their passwords than a salted hash.
    """
    login = f'username="{ADMIN}" password="{password}" user_{ADMIN}="{password}"'
    plain = f"org.apache.kafka.common.security.plain.PlainLoginModule required {login};"
    scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
    return {
        "listener.security.protocol.map": ",".join(f"{name}:SASL_PLAINTEXT" for name in LISTENERS),
        "sasl.enabled.mechanisms": "SCRAM-SHA-512,PLAIN",
        "sasl.mechanism.inter.broker.protocol": "PLAIN",
        "sasl.mechanism.controller.protocol": "PLAIN",
        **{f"listener.name.{name}.plain.sasl.jaas.config": plain for name in ("clients", "outside")},
        **{f"listener.name.{name}.scram-sha-512.sasl.jaas.config": scram for name in ("clients", "outside")},
        "listener.name.controller.sasl.enabled.mechanisms": "PLAIN",
        "listener.name.controller.plain.sasl.jaas.config": plain,
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": f"User:{ADMIN}",
        "allow.everyone.if.no.acl.found": "false",
    }


def let_in(admin: Cluster, passwords: Mapping[str, str]) -> None:
    """Gives every principal its password, and exactly the rights that it needs; done again, it mends what differs.

    Principals that are none of ours keep what they have. Raises CannotStart.
    """
    client = admin_client(admin)
    try:
        _set_passwords(client, {name: passwords[name] for name in PRINCIPALS})
        grant_rights(client)
    except KafkaException as error:
        raise CannotStart(f"Kafka would not let the services in: {error.args[0].str()}") from error


def grant_rights(client: AdminClient) -> None:
    """Takes from our principals what they should not have, and gives them what they lack. Raises KafkaException."""
    wanted = {_binding(grant) for grant in grants()}
    found = {acl for acl in client.describe_acls(_EVERY).result(TIMEOUT) if acl.principal in _OURS}
    missing, strange = list(wanted - found), list(found - wanted)
    for given in (client.create_acls(missing, request_timeout=TIMEOUT) if missing else {}).values():
        given.result(TIMEOUT)
    filters = [filter_of(acl) for acl in strange]
    for taken in (client.delete_acls(filters, request_timeout=TIMEOUT) if filters else {}).values():
        taken.result(TIMEOUT)


def _set_passwords(client: AdminClient, passwords: Mapping[str, str]) -> None:
    how = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, ITERATIONS)
    changes: list[UserScramCredentialAlteration] = [
        UserScramCredentialUpsertion(name, how, password.encode()) for name, password in passwords.items()
    ]
    for done in client.alter_user_scram_credentials(changes, request_timeout=TIMEOUT).values():
        done.result(TIMEOUT)


_OURS = {f"User:{name}" for name in PRINCIPALS}
_ANY: Any = None  # how a filter says that it does not matter, which its types do not know
_EVERY = AclBindingFilter(
    ResourceType.ANY, _ANY, ResourcePatternType.ANY, _ANY, _ANY, AclOperation.ANY, AclPermissionType.ANY
)


def _binding(grant: Grant) -> AclBinding:
    kind = {"topic": ResourceType.TOPIC, "group": ResourceType.GROUP}[grant.kind]
    pattern = ResourcePatternType.PREFIXED if grant.is_prefix else ResourcePatternType.LITERAL
    right, who = AclOperation[grant.right], f"User:{grant.principal}"
    return AclBinding(kind, grant.name, pattern, who, "*", right, AclPermissionType.ALLOW)


def filter_of(acl: AclBinding) -> AclBindingFilter:
    """What finds this right and no other."""
    return AclBindingFilter(
        acl.restype,
        acl.name,
        acl.resource_pattern_type,
        acl.principal,
        acl.host,
        acl.operation,
        acl.permission_type,
    )
