"""Makes what every deployment needs: topics, rights, databases, secrets."""
