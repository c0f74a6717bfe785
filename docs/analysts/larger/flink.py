"""Flink reads the decisions as they are told, up to now, and counts: `python flink.py SETTINGS JAR…`.

SETTINGS: what `make analyst` prints, in a file. JAR: org.apache.flink:flink-sql-connector-kafka, and
com.github.luben:zstd-jni, which that leaves out: the facts are compressed so.
"""

import sys
from pathlib import Path

from pyflink.table import EnvironmentSettings, TableEnvironment

settings, *jars = sys.argv[1:]
told = dict(line.strip().split("=", 1) for line in Path(settings).read_text().splitlines() if "=" in line)
login = (  # the connector bears Kafka's classes under a name of its own
    "org.apache.flink.kafka.shaded.org.apache.kafka.common.security.scram.ScramLoginModule required"
    f' username="{told["sasl.username"]}" password="{told["sasl.password"]}";'
)
flink = TableEnvironment.create(EnvironmentSettings.in_batch_mode())
flink.get_config().set("pipeline.jars", ";".join(Path(jar).resolve().as_uri() for jar in jars))
flink.execute_sql(f"""
    CREATE TABLE decisions (
        headers MAP<STRING, BYTES> METADATA VIRTUAL,
        event_id STRING,
        revision INT,
        `sequence` INT,
        edition STRING,
        label STRING
    ) WITH (
        'connector' = 'kafka',
        'topic' = 'labelling.decisions',
        'properties.bootstrap.servers' = '{told["bootstrap.servers"]}',
        'properties.group.id' = 'analyst-flink',
        'properties.security.protocol' = '{told["security.protocol"]}',
        'properties.sasl.mechanism' = '{told["sasl.mechanism"]}',
        'properties.sasl.jaas.config' = '{login}',
        'scan.startup.mode' = 'earliest-offset',
        'scan.bounded.mode' = 'latest-offset',
        'format' = 'json'
    )
""")
flink.execute_sql("""
    SELECT CAST(headers['ce_type'] AS STRING) AS ce_type, COUNT(DISTINCT event_id) AS events
    FROM decisions GROUP BY CAST(headers['ce_type'] AS STRING)
""").print()
