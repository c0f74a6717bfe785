"""Getting the data out: records of Kafka become rows of files that are written once, whatever happens meanwhile."""
