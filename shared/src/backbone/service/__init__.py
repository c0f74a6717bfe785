"""A service as a process: its settings, what it hears, its commands."""
