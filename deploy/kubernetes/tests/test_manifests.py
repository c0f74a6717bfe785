"""What Kubernetes is told is what the tables say: topics, rights, settings, secrets, and who may speak to whom."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from backbone.contracts.grants import PRINCIPALS, SCALER, Grant, grants
from backbone.contracts.topics import HEARD, PARTITIONS, all_topics, settings_of
from backbone.runtime.metrics import FloorMetrics
from backbone.service.settings import ServiceSettings
from manifests.files import FOLDER, ROOT, files
from manifests.secrets import fetched, made
from manifests.table import PROCESSES
from provision.databases import SERVICES, database_of

FILES = sorted(FOLDER.rglob("*.yaml"))
ALL = [
    one for file in FILES for one in yaml.safe_load_all(file.read_text()) if "kustomize.config" not in one["apiVersion"]
]
CORE = {"v1", "apps/v1", "batch/v1", "policy/v1", "networking.k8s.io/v1", "autoscaling/v2"}
KUBERNETES = "1.37.0"


def of_kind(*kinds: str) -> list[dict]:
    return [one for one in ALL if one["kind"] in kinds]


def named(manifests: list[dict]) -> dict[str, dict]:
    return {one["metadata"]["name"]: one for one in manifests}


PODS = {f"{one['kind']}/{one['metadata']['name']}": one["spec"]["template"] for one in of_kind("Deployment", "Job")}
SERVICE_PODS = {
    name: pod for name, pod in PODS.items() if pod["metadata"]["labels"]["app.kubernetes.io/name"] in SERVICES
}


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(FOLDER)))
def test_the_files_are_as_the_tables_say(path):
    assert path.read_text() == files()[path], "run `make kubernetes`"


def test_no_file_is_left_of_what_is_no_longer_made():
    said = {file for file in FILES if file.read_text().startswith("# Made by `make kubernetes`")}
    assert said == set(files())


# --- the schemas of Kubernetes itself -------------------------------------------------------------


@pytest.mark.parametrize(
    "one", [one for one in ALL if one["apiVersion"] in CORE], ids=lambda one: f"{one['kind']}-{one['metadata']['name']}"
)
def test_an_object_is_one_that_kubernetes_takes(one):
    kubernetes_validate.validate(one, KUBERNETES, strict=True)


def test_an_object_with_a_misspelt_field_is_none():
    one = named(of_kind("Deployment"))["labelling-work"]
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(one | {"spec": one["spec"] | {"replica": 2}}, KUBERNETES, strict=True)


# --- topics and rights ------------------------------------------------------------------------------


def test_the_topics_are_those_of_the_contracts_with_the_settings_that_their_promises_need():
    told = {
        name: (one["spec"]["partitions"], one["spec"]["config"]) for name, one in named(of_kind("KafkaTopic")).items()
    }
    assert told == {topic.name: (PARTITIONS, settings_of(topic)) for topic in all_topics()}


def granted() -> Iterator[Grant]:
    words = {"Read": "READ", "Write": "WRITE", "Describe": "DESCRIBE", "DescribeConfigs": "DESCRIBE_CONFIGS"}
    for name, user in named(of_kind("KafkaUser")).items():
        for acl in user["spec"]["authorization"]["acls"]:
            on = acl["resource"]
            for operation in acl["operations"]:
                yield Grant(name, words[operation], on["type"], on["name"], on["patternType"] == "prefix")


def test_the_rights_are_those_that_the_tests_prove_and_no_more():
    assert sorted(granted(), key=str) == sorted(grants(), key=str)
    assert set(named(of_kind("KafkaUser"))) == set(PRINCIPALS)


def test_nobody_has_a_right_to_what_waits_for_organisers_but_who_had_it():
    readers = {grant.principal for grant in granted() if "organisers" in grant.name and grant.right == "READ"}
    assert readers == {"commskit", "registration"}


# --- databases ----------------------------------------------------------------------------------------


def test_each_service_has_a_database_of_its_own_and_its_role_enters_no_other():
    databases = {one["spec"]["name"]: one["spec"]["owner"] for one in of_kind("Database")}
    assert databases == {database_of(service): database_of(service) for service in SERVICES}
    (cluster,) = of_kind("Cluster")
    roles = {role["name"]: role["passwordSecret"]["name"] for role in cluster["spec"]["managed"]["roles"]}
    assert roles == {database_of(service): f"database-{service}" for service in SERVICES}
    entered = [line.split() for line in cluster["spec"]["postgresql"]["pg_hba"]]
    assert entered == [
        *(["hostssl", name, name, "all", "scram-sha-256"] for name in databases),
        ["host", "all", "all", "all", "reject"],
    ]


def test_there_are_connections_for_all_replicas_that_there_may_be():
    most = {name: one["spec"]["replicas"] for name, one in named(of_kind("Deployment")).items() if name != "front"}
    most |= {name: one["spec"]["maxReplicaCount"] for name, one in named(of_kind("ScaledObject")).items()}
    most |= {name: one["spec"]["maxReplicas"] for name, one in named(of_kind("HorizontalPodAutoscaler")).items()}
    (cluster,) = of_kind("Cluster")
    a_process = 2 * 5 + 1  # the pool, what may overflow it, and the one that listens for the bell
    assert int(cluster["spec"]["postgresql"]["parameters"]["max_connections"]) > sum(most.values()) * a_process * 0.8


# --- settings -------------------------------------------------------------------------------------------


def env_file(name: str) -> dict[str, str]:
    lines = (FOLDER / "base" / f"{name}.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def environment(container: Mapping) -> dict[str, str]:
    """What the container's process is told, as Kubernetes puts it together."""
    told: dict[str, str] = {}
    for source in container["envFrom"]:
        told |= env_file(source["configMapRef"]["name"])
    for one in container["env"]:
        by_key = one.get("valueFrom", {}).get("configMapKeyRef")
        told[one["name"]] = env_file(by_key["name"])[by_key["key"]] if by_key else one["value"]
    return told


def containers() -> Iterator[tuple[str, str, dict, dict]]:
    for name, pod in SERVICE_PODS.items():
        for container in [*pod["spec"].get("initContainers", ()), *pod["spec"]["containers"]]:
            service = pod["metadata"]["labels"]["app.kubernetes.io/name"]
            yield f"{name}/{container['name']}", service, container, pod["spec"]


CONTAINERS = list(containers())
each_container = pytest.mark.parametrize(
    ("service", "container", "pod"), [one[1:] for one in CONTAINERS], ids=[one[0] for one in CONTAINERS]
)


def settings_type(service: str) -> type[ServiceSettings]:
    return import_module(f"{database_of(service)}.settings").Settings


def names_of(service: str) -> set[str]:
    """Every variable that says something to the service."""
    fields = [name.upper() for name in settings_type(service).model_fields]
    prefix = f"{database_of(service).upper()}_"
    return {f"{before}{name}{after}" for name in fields for before in ("", prefix) for after in ("", "_FILE")}


def test_every_variable_is_a_setting_of_a_service_that_is_told_it():
    libpq = {"PGSSLMODE", "PGSSLROOTCERT"}  # the driver's own
    for name, service, container, _ in CONTAINERS:
        own = {one["name"] for one in container["env"]}
        assert own <= names_of(service), name
        shared = set(environment(container)) - own - libpq
        assert shared <= set().union(*map(names_of, SERVICES)), name


def test_the_real_time_is_told_by_nobody():
    told = {variable for _, _, container, _ in CONTAINERS for variable in environment(container)}
    assert not {variable for variable in told if re.search("NOW", variable)}


@each_container
def test_each_process_starts_with_what_it_is_told(service, container, pod, tmp_path, monkeypatch):
    """Its settings are read as it reads them: each that is required is there, and none is wrong."""
    secrets = {
        f"{one['metadata']['name']}/{key}": text
        for one in made("smtp://relay")
        for key, text in one["stringData"].items()
    }
    volumes = {one["name"]: one for one in pod["volumes"]}
    for name in list(os.environ):
        if name in names_of(service):
            monkeypatch.delenv(name)
    for name, text in environment(container).items():
        if not name.endswith("_FILE"):
            monkeypatch.setenv(name, text)
            continue
        (mount,) = [one for one in container["volumeMounts"] if text.startswith(f"{one['mountPath']}/")]
        secret = volumes[mount["name"]]["secret"]
        (key,) = [item["key"] for item in secret["items"] if f"{mount['mountPath']}/{item['path']}" == text]
        monkeypatch.setenv(name, str(file := tmp_path / name))
        file.write_text(secrets.get(f"{secret['secretName']}/{key}", "made by an operator"))
    settings = settings_type(service)()
    assert settings.http_host == "0.0.0.0"
    assert settings.log_format == "json"
    assert (settings.now, settings.now_since) == (None, None)
    assert settings.kafka.username == (service if "kafka" in volumes else None)


@each_container
def test_the_edition_of_each_process_is_in_its_pod(service, container, pod):
    editions = named(of_kind("ConfigMap"))["editions"]["data"]
    assert Path(environment(container)["EDITION"]).name in editions
    assert editions == {file.name: file.read_text() for file in (ROOT / "editions").glob("*.toml")}
    assert Path(environment(container)["EDITION"]).parent == Path(
        next(one["mountPath"] for one in container["volumeMounts"] if one["name"] == "editions")
    )


def test_who_answers_people_has_no_password_for_kafka_and_who_works_has_its_own():
    for name, pod in SERVICE_PODS.items():
        told = pod["metadata"]["labels"]
        secrets = {one["secret"]["secretName"] for one in pod["spec"]["volumes"] if "secret" in one}
        kafka = {secret for secret in secrets if secret.startswith("kafka-") and secret != "kafka-cluster-ca-cert"}
        works = told["app.kubernetes.io/component"] == "work"
        assert kafka == ({f"kafka-{told['app.kubernetes.io/name']}"} if works else set()), name


def test_every_secret_that_a_pod_names_is_made_by_the_command_or_by_an_operator():
    by_operators = {"postgres-ca", "kafka-cluster-ca-cert", "front-tls", *(f"kafka-{name}" for name in PRINCIPALS)}
    named_by_pods = {
        (one["secret"]["secretName"], item["key"])
        for pod in PODS.values()
        for one in pod["spec"]["volumes"]
        if "secret" in one
        for item in one["secret"]["items"]
    }
    by_the_command = {(one["metadata"]["name"], key) for one in made("memory:") for key in one["stringData"]}
    left = {(name, key) for name, key in named_by_pods if name not in by_operators}
    assert left <= by_the_command
    assert {name for name, _ in named_by_pods} >= {name for name, _ in by_the_command}


def test_secrets_are_new_each_time_and_fetched_ones_have_the_same_names_and_keys():
    one, other = ({one["metadata"]["name"]: one["stringData"] for one in made("smtp://a", kafka=True)} for _ in "ab")
    assert set(one) == set(other)
    assert {name for name in one if one[name] == other[name]} == {"mail"}
    assert {name for name in one if name.startswith("kafka-")} == {f"kafka-{name}" for name in PRINCIPALS}
    keys = {one["metadata"]["name"]: {data["secretKey"] for data in one["spec"]["data"]} for one in fetched()}
    assert keys == {name: set(told) for name, told in one.items() if not name.startswith("kafka-")}


# --- pods -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PODS)
def test_a_pod_may_do_nothing_that_it_need_not(name):
    pod = PODS[name]["spec"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == 10001
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert "useradd --uid 10001" in (ROOT / "deploy" / "Dockerfile").read_text()
    for container in [*pod.get("initContainers", ()), *pod["containers"]]:
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert container["resources"]["requests"].keys() == {"cpu", "memory"}
        assert container["resources"]["limits"]["memory"]


def test_who_reads_files_and_pictures_has_room_for_the_process_that_does():
    from registration.pictures.__main__ import MOST_MEMORY
    from registration.settings import Settings

    beside = {"work": Settings.model_fields["upload_mebibytes"].default, "http": MOST_MEMORY >> 20}
    for process in PROCESSES:
        if process.service == "registration":
            assert process.memory.measured + beside[process.role] < process.memory.limit, process.name


@pytest.mark.parametrize("name", [name for name in SERVICE_PODS if name.startswith("Deployment")])
def test_a_pod_is_asked_how_it_is_and_is_left_the_time_to_end(name):
    pod = SERVICE_PODS[name]["spec"]
    (container,) = pod["containers"]
    asked = {probe: container[probe]["httpGet"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert {probe: one["path"] for probe, one in asked.items()} == {
        "startupProbe": "/health/live",
        "livenessProbe": "/health/live",
        "readinessProbe": "/health/ready",
    }
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert {ports[one["port"]] for one in asked.values()} == {ServiceSettings.model_fields["health_port"].default}
    waits = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
    stops = float(environment(container)["STOP_WITHIN_SECONDS"])
    assert pod["terminationGracePeriodSeconds"] >= waits + stops + 10


def test_each_deployment_has_a_budget_and_what_leads_to_it_finds_its_pods():
    deployments = named(of_kind("Deployment"))
    assert set(named(of_kind("PodDisruptionBudget"))) == set(deployments)

    def found_by(selector: Mapping[str, str]) -> set[str]:
        pods = {name: one["spec"]["template"]["metadata"]["labels"] for name, one in deployments.items()}
        return {name for name, labels in pods.items() if selector.items() <= labels.items()}

    for name, one in deployments.items():
        assert found_by(one["spec"]["selector"]["matchLabels"]) == {name}
    for name, one in named(of_kind("PodDisruptionBudget")).items():
        assert found_by(one["spec"]["selector"]["matchLabels"]) == {name}
    for name, one in named(of_kind("Service")).items():
        assert len(found_by(one["spec"]["selector"])) == 1, name


@pytest.mark.parametrize("service", SERVICES)
def test_a_database_is_migrated_once_by_a_job_and_waited_for_by_every_pod(service):
    job = named(of_kind("Job"))[f"migrate-{service}"]["spec"]["template"]["spec"]
    assert [one["args"] for one in job["containers"]] == [["migrate"]]
    pods = [
        pod["spec"]
        for name, pod in SERVICE_PODS.items()
        if name.startswith("Deployment") and pod["metadata"]["labels"]["app.kubernetes.io/name"] == service
    ]
    assert pods
    for pod in pods:
        assert [one["args"] for one in pod["initContainers"]] == [["await-migrations"]]
        assert {one["image"] for one in [*pod["initContainers"], *pod["containers"], *job["containers"]]} == {
            f"semaine-industrie/{service}"
        }


# --- scaling ------------------------------------------------------------------------------------------------


def triggers() -> Iterator[tuple[str, dict]]:
    for one in of_kind("ScaledObject"):
        for trigger in one["spec"]["triggers"]:
            yield one["metadata"]["name"].removesuffix("-work"), trigger


def test_replicas_follow_the_lag_on_every_topic_that_a_service_hears_up_to_the_number_of_partitions():
    lags = [(service, one["metadata"]) for service, one in triggers() if one["type"] == "kafka"]
    assert {(service, one["topic"]) for service, one in lags} == {
        (service, topic.name) for service, heard in HEARD.items() if service != "geocoding" for topic in heard
    }
    for service, one in lags:
        assert one["consumerGroup"] == service
        assert (one["limitToPartitionsWithLag"], one["excludePersistentLag"]) == ("true", "true")
    for one in of_kind("ScaledObject"):
        assert one["spec"]["minReplicaCount"] >= 1  # the outbox is always told
        assert one["spec"]["maxReplicaCount"] <= PARTITIONS


def test_the_scaler_may_learn_what_it_asks_for():
    may = {(one.kind, one.name, one.right) for one in grants() if one.principal == SCALER}
    for service, one in triggers():
        if one["type"] == "kafka":
            assert {("group", service, "DESCRIBE"), ("topic", one["metadata"]["topic"], "DESCRIBE")} <= may
            assert one["authenticationRef"] == {"name": SCALER}
    assert {right for _, _, right in may} == {"DESCRIBE"}


def test_the_jobs_that_ask_for_replicas_are_ones_that_the_service_counts():
    asked = [(service, one["metadata"]) for service, one in triggers() if one["type"] == "metrics-api"]
    assert [service for service, _ in asked] == ["commskit"]
    from commskit.works import KITS

    ((_, one),) = asked
    assert one["valueLocation"] == f'sdi_jobs{{kind="{KITS.job.kind}",state="waiting"}}'
    metrics = FloorMetrics()
    assert metrics.jobs
    assert one["url"] == "http://commskit-work.semaine-industrie:8001/metrics"


def test_more_replicas_are_not_asked_for_where_a_service_elsewhere_sets_the_pace():
    assert "geocoding-work" not in named(of_kind("ScaledObject"))


# --- who may speak to whom ------------------------------------------------------------------------------------

# the architecture's arrows, and no other; `outside`: the Internet without any network's own addresses
MAY_REACH = {
    "front": {"dns", "registration-http", "labelling-http", "geocoding-http", "commskit-http", "map-feed-http"},
    "registration-http": {"dns", "postgres"},
    "registration-work": {"dns", "postgres", "kafka", "mail"},
    "labelling-http": {"dns", "postgres", "registration-http"},
    "labelling-work": {"dns", "postgres", "kafka"},
    "geocoding-http": {"dns", "postgres"},
    "geocoding-work": {"dns", "postgres", "kafka", "outside"},
    "commskit-http": {"dns", "postgres", "registration-http"},
    "commskit-work": {"dns", "postgres", "kafka", "mail"},
    "map-feed-http": {"dns", "postgres"},
    "map-feed-work": {"dns", "postgres", "kafka", "outside"},
}
PEERS = {
    "dns": ({"k8s-app": "kube-dns"}, "kube-system", 53),
    "postgres": ({"cnpg.io/cluster": "postgres"}, None, 5432),
    "kafka": ({"strimzi.io/cluster": "kafka", "strimzi.io/broker-role": "true"}, None, 9093),
}
OURS = {one["metadata"]["name"]: one["spec"]["template"]["metadata"]["labels"] for one in of_kind("Deployment")}
POLICIES = [  # with Kafka and PostgreSQL in the cluster
    one["spec"]
    for file in FILES
    if "overlays" not in file.parts
    for one in yaml.safe_load_all(file.read_text())
    if one["kind"] == "NetworkPolicy"
]


def matches(selector: Mapping, labels: Mapping[str, str]) -> bool:
    by_name = selector.get("matchLabels", {}).items() <= labels.items()
    expressions = selector.get("matchExpressions", [])
    assert all(one["operator"] == "DoesNotExist" for one in expressions)
    return by_name and not any(one["key"] in labels for one in expressions)


def is_peer(peer: Mapping, labels: Mapping[str, str], namespace: str | None) -> bool:
    if "ipBlock" in peer:
        return False
    of_namespace = peer.get("namespaceSelector", {}).get("matchLabels", {}).get("kubernetes.io/metadata.name")
    return of_namespace == namespace and matches(peer.get("podSelector", {}), labels)


def lets(direction: str, pod: Mapping[str, str], peer: tuple[Mapping[str, str], str | None], port: int) -> bool:
    """Whether the policies let a pod through to a peer (Egress), or a peer to it (Ingress), on a port."""
    about = [one for one in POLICIES if direction in one["policyTypes"] and matches(one["podSelector"], pod)]
    if not about:
        return True
    key = {"Egress": "to", "Ingress": "from"}[direction]
    rules = [rule for one in about for rule in one.get(direction.lower(), [])]
    return any(
        port in {one["port"] for one in rule["ports"]}
        and (key not in rule or any(is_peer(one, *peer) for one in rule[key]))
        for rule in rules
    )


def reached(name: str) -> set[str]:
    pod = OURS[name]
    peers = {peer for peer, (labels, space, port) in PEERS.items() if lets("Egress", pod, (labels, space), port)}
    others = {
        other
        for other, labels in OURS.items()
        for port in (8000, 8001)
        if lets("Egress", pod, (labels, None), port) and lets("Ingress", labels, (pod, None), port)
    }
    about = [one for one in POLICIES if "Egress" in one["policyTypes"] and matches(one["podSelector"], pod)]
    return peers | others | {found for one in about for rule in one.get("egress", []) if (found := far(rule))}


def far(rule: Mapping) -> str | None:
    """What is reached outside the cluster."""
    ports = {one["port"] for one in rule["ports"]}
    if "to" not in rule:
        assert ports == {25, 465, 587}
        return "mail"
    blocks = [peer["ipBlock"] for peer in rule["to"] if "ipBlock" in peer]
    if not blocks:
        return None
    webhooks = set(map(int, settings_type("map-feed").model_fields["webhooks_ports"].default.split(",")))
    assert ports in ({443}, webhooks)
    inside = {one for block in blocks for one in block["except"]}
    assert inside >= {"10.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"}
    return "outside"


@pytest.mark.parametrize("name", OURS)
def test_a_process_reaches_what_the_architecture_says_and_nothing_else(name):
    assert reached(name) == MAY_REACH[name]


def test_a_pod_that_nobody_thought_of_is_reached_by_nobody_and_reaches_nobody():
    stranger = {"app": "stranger"}
    for labels in OURS.values():
        for port in (8000, 8001, 5432, 9093):
            assert not lets("Ingress", labels, (stranger, None), port)
    for labels, namespace, port in PEERS.values():
        assert not lets("Egress", stranger, (labels, namespace), port)


def test_everybody_reaches_the_front_and_nobody_a_service_behind_it():
    for name, labels in OURS.items():
        assert lets("Ingress", labels, ({"anybody": "at all"}, "elsewhere"), 8443) == (name == "front")
        assert not lets("Ingress", labels, ({"anybody": "at all"}, "elsewhere"), 8000)


@pytest.mark.parametrize("namespace", ["monitoring", "keda"])
def test_who_measures_asks_each_service_on_its_health_port_alone(namespace):
    for labels in OURS.values():
        assert lets("Ingress", labels, ({}, namespace), 8001)
        assert not lets("Ingress", labels, ({}, namespace), 8000)


def test_the_operator_raises_the_alerts_that_are_raised_everywhere_by_the_names_that_its_scrapes_give():
    delivered = [yaml.safe_load(file.read_text()) for file in (ROOT / "deploy/observability/rules").glob("*.yml")]
    groups = {group["name"]: group for rules in delivered for group in rules["groups"]}
    told = [group for one in of_kind("PrometheusRule") for group in one["spec"]["groups"]]
    assert {group["name"]: group for group in told} == groups
    # `job` is a service's name there too, and each that is expected has a process that is scraped under it
    (monitor,) = of_kind("PodMonitor")
    assert monitor["spec"]["jobLabel"] == "app.kubernetes.io/name"
    expected = {rule["labels"]["job"] for rule in groups["records"]["rules"] if rule["record"] == "sdi:expected"}
    chosen = monitor["spec"]["selector"]["matchExpressions"][0]["values"]
    scraped = [pod["metadata"]["labels"] for pod in SERVICE_PODS.values()]
    assert expected == {of["app.kubernetes.io/name"] for of in scraped if of["app.kubernetes.io/component"] in chosen}


def test_a_database_is_asked_by_those_who_need_it_and_by_those_who_keep_it():
    database = PEERS["postgres"][0]
    asking = {name for name, labels in OURS.items() if lets("Ingress", database, (labels, None), 5432)}
    assert asking == set(OURS) - {"front"}
    assert lets("Ingress", database, (database, None), 5432)
    (kafka,) = of_kind("Kafka")
    (listener,) = kafka["spec"]["kafka"]["listeners"]
    asking = {
        name
        for name, labels in OURS.items()
        if any(is_peer(one, labels, None) for one in listener["networkPolicyPeers"])
    }
    assert asking == {name for name in OURS if name.endswith("-work")}


# --- the front ------------------------------------------------------------------------------------------------------


def test_the_front_has_the_limits_of_the_shipped_one_and_leads_to_names_of_the_cluster():
    told = named(of_kind("ConfigMap"))["front"]["data"]
    for name, text in told.items():
        shipped = (ROOT / "deploy" / "proxy" / name).read_text().splitlines()
        for ours, theirs in zip(text.splitlines(), shipped, strict=True):
            if ours != theirs:
                assert re.search(r"svc\.cluster\.local|listen 8001;", ours), ours
        assert "127.0.0.1" not in text
        assert not re.search(r"(?<![.\w-])(registration|labelling|geocoding|commskit|map-feed):8000", text)
    services = named(of_kind("Service"))
    for host in set(re.findall(r"([a-z-]+)\.semaine-industrie\.svc", "".join(told.values()))):
        assert services[host]["spec"]["ports"][0]["port"] == 8000
