"""Who may speak to whom: nobody, and then what each process needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .pieces import Manifest, labels, manifest
from .table import FRONT, HEALTH, HTTP, PART_OF, SHOWN

# not ours by name, but by who made them: each has a policy of its own (components/)
OTHERS = ("strimzi.io/cluster", "cnpg.io/cluster")
INSIDE = ("10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16")
INSIDE_6 = ("fc00::/7", "fe80::/10")


def base_policies() -> Iterator[Manifest]:
    """What holds wherever Kafka and PostgreSQL are."""
    nobody = {"matchExpressions": [{"key": key, "operator": "DoesNotExist"} for key in OTHERS]}
    yield _policy("default-deny", {"podSelector": nobody, "policyTypes": ["Ingress", "Egress"]})
    name_servers = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}}
    name_servers |= {"podSelector": {"matchLabels": {"k8s-app": "kube-dns"}}}
    yield needed("dns", [name_servers], [("UDP", 53), ("TCP", 53)])
    yield needed("registration", [process("registration", "http")], [("TCP", HTTP)])
    # a mail server may be anywhere, a ministry's own relay too
    yield needed("mail", [], [("TCP", 25), ("TCP", 465), ("TCP", 587)])
    yield needed("geocoder", outside(), [("TCP", 443)])
    yield needed("webhooks", outside(), [("TCP", 443), ("TCP", 8443)])  # WEBHOOKS_PORTS
    for service in SHOWN:
        asking = [process("front", "front")]
        if service == "registration":
            asking.append({"podSelector": {"matchLabels": {"needs-registration": "true"}}})
        yield heard(f"asks-{service}", process(service, "http"), asking, HTTP)
    yield heard("asks-front", process("front", "front"), [], FRONT, 8080)
    yield _policy(
        "front-asks",
        {
            "podSelector": process("front", "front")["podSelector"],
            "policyTypes": ["Egress"],
            "egress": [{"to": [process(service, "http") for service in SHOWN], "ports": _ports([("TCP", HTTP)])}],
        },
    )


def health_policy(namespace: str, name: str) -> Manifest:
    """Lets what runs in a namespace (`monitoring`, `keda`) ask each process how it is."""
    asking: Manifest = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}}
    return heard(name, {"podSelector": {"matchLabels": {"app.kubernetes.io/part-of": PART_OF}}}, [asking], HEALTH)


def process(service: str, role: str) -> Manifest:
    """A process as a peer."""
    told = labels(service, role)
    return {"podSelector": {"matchLabels": {key: text for key, text in told.items() if not key.endswith("part-of")}}}


def outside() -> list[Manifest]:
    """The Internet, and none of the addresses that are a network's own."""
    return [
        {"ipBlock": {"cidr": "0.0.0.0/0", "except": list(INSIDE)}},
        {"ipBlock": {"cidr": "::/0", "except": list(INSIDE_6)}},
    ]


def needed(need: str, peers: Sequence[Manifest], ports: Sequence[tuple[str, int]]) -> Manifest:
    """Lets those who need something reach it: these peers (none given: any), on these ports."""
    reached: Manifest = ({"to": list(peers)} if peers else {}) | {"ports": _ports(ports)}
    pods = {"matchLabels": {f"needs-{need}": "true"}}
    return _policy(f"needs-{need}", {"podSelector": pods, "policyTypes": ["Egress"], "egress": [reached]})


def heard(name: str, of: Manifest, peers: Sequence[Manifest], *ports: int) -> Manifest:
    """Lets these peers (none given: anybody) ask a process."""
    asked: Manifest = ({"from": list(peers)} if peers else {}) | {"ports": _ports([("TCP", port) for port in ports])}
    return _policy(name, {"podSelector": of["podSelector"], "policyTypes": ["Ingress"], "ingress": [asked]})


def _ports(ports: Sequence[tuple[str, int]]) -> list[Manifest]:
    return [{"protocol": protocol, "port": port} for protocol, port in ports]


def _policy(name: str, spec: Manifest) -> Manifest:
    return manifest("networking.k8s.io/v1", "NetworkPolicy", name, {"app.kubernetes.io/part-of": PART_OF}, spec=spec)
