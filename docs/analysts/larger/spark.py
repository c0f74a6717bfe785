"""Spark reads the decisions as they are told, and keeps them as Parquet: `make analyst >mine/settings; spark-submit …
spark.py mine/settings OUT`. In a file, since spark-submit hands its standard input on to nobody.

Once through what there is, then it ends; without `availableNow` it goes on. Where it is, it keeps in OUT/checkpoint.
"""

import sys
from pathlib import Path

from pyspark.sql import SparkSession
from pyspark.sql import functions as f

settings, out = sys.argv[1:]
told = dict(line.strip().split("=", 1) for line in Path(settings).read_text().splitlines() if "=" in line)
login = (
    "org.apache.kafka.common.security.scram.ScramLoginModule required"
    f' username="{told["sasl.username"]}" password="{told["sasl.password"]}";'
)
spark = SparkSession.builder.appName("analyst").config("spark.sql.session.timeZone", "UTC").getOrCreate()
records = (
    spark.readStream.format("kafka")
    .option("kafka.bootstrap.servers", told["bootstrap.servers"])
    .option("kafka.security.protocol", told["security.protocol"])
    .option("kafka.sasl.mechanism", told["sasl.mechanism"])
    .option("kafka.sasl.jaas.config", login)
    .option("groupIdPrefix", "analyst-spark")  # any group that does not begin with « analyst » is refused
    .option("subscribe", "labelling.decisions")
    .option("startingOffsets", "earliest")
    .option("includeHeaders", "true")
    .load()
)
headers = f.map_from_entries("headers")
value = f.col("value").cast("string")
decisions = records.where("value IS NOT NULL").select(  # a record without a value takes back what its key said
    "topic",
    "partition",
    "offset",
    f.element_at(headers, "ce_id").cast("string").alias("ce_id"),
    f.element_at(headers, "ce_type").cast("string").alias("ce_type"),
    f.get_json_object(value, "$.event_id").alias("event_id"),
    f.get_json_object(value, "$.revision").cast("int").alias("revision"),
    f.get_json_object(value, "$.sequence").cast("int").alias("sequence"),
    f.get_json_object(value, "$.edition").alias("edition"),
    f.get_json_object(value, "$.label").alias("label"),
    f.get_json_object(value, "$.decided_at").cast("timestamp").alias("decided_at"),
    value.alias("value"),
)
query = (
    decisions.writeStream.format("parquet")
    .option("path", f"{out}/decisions")
    .option("checkpointLocation", f"{out}/checkpoint")
    .trigger(availableNow=True)
    .start()
)
query.awaitTermination()
spark.read.parquet(f"{out}/decisions").groupBy("ce_type").count().orderBy("ce_type").show(truncate=False)
