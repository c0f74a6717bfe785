"""Changes of the map, sent to partners as signed webhooks (standardwebhooks.com)."""
