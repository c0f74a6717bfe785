"""Makes the communication kit of each labelled event and mails it once."""
