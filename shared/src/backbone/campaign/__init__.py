"""The campaign as all services know it: its editions, its clock, the country, its French and its colours."""
