"""The organiser's door: accounts, drafts, submission, and each event's timeline."""
