-- Flink reads the decisions as they are told: `sql-client.sh -f flink.sql` with the jar flink-sql-connector-kafka in lib/.
-- HOST and PASSWORD as `make analyst` prints them.
CREATE TABLE decisions (
    headers MAP<STRING, BYTES> METADATA VIRTUAL,
    event_id STRING,
    revision INT,
    `sequence` INT,
    edition STRING,
    label STRING,
    decided_by STRING,
    automated BOOLEAN
) WITH (
    'connector' = 'kafka',
    'topic' = 'labelling.decisions',
    'properties.bootstrap.servers' = 'HOST',
    'properties.group.id' = 'analyst-flink',
    'properties.security.protocol' = 'SASL_PLAINTEXT',
    'properties.sasl.mechanism' = 'SCRAM-SHA-512',
    'properties.sasl.jaas.config' = 'org.apache.flink.kafka.shaded.org.apache.kafka.common.security.scram.ScramLoginModule required username="analyst" password="PASSWORD";',
    'scan.startup.mode' = 'earliest-offset',
    'scan.bounded.mode' = 'latest-offset',
    'format' = 'json'
);

SET 'execution.runtime-mode' = 'batch';

SELECT edition, label, COUNT(DISTINCT event_id) AS events
FROM decisions
GROUP BY edition, label;
