"""Judges each event by the four conditions of the label and asks a person where the rules are in doubt."""
