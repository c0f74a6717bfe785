"""Turns a venue's address into a point on the map, with its precision."""
