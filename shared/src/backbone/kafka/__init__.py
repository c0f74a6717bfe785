"""Facts on Kafka: how they are written, read and published."""
