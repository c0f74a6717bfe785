"""The words and rules of the label: four conditions, three findings, one decision. Pure."""
