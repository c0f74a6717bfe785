"""The door of labelling: the review queue of each region."""
