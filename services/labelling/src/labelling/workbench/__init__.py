"""What reviewers work with besides their decisions: the queue by region, who is at an event, notes and opinions, and
decisions that are held for a minute before they are told."""
