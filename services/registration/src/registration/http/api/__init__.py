"""The API: what programs ask."""
