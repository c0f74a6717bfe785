"""Runs the whole platform on one machine, plays an edition through it, and shows what happens."""
