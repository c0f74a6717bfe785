"""What each service keeps in its own PostgreSQL for the floor: outbox, inbox, jobs, and their upkeep."""
