"""The next edition: its file made from the last one's, and looked at before anybody is let in, or written to."""
