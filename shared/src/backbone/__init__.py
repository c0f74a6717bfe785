"""The floor that the five services stand on: contracts, bus, outbox, inbox, jobs, logs. No business rule."""
