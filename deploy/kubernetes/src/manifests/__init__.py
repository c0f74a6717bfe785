"""Writes what Kubernetes is told, from the tables that every deployment is made of."""
