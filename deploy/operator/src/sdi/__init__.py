"""The operator's command: dead letters, topics, lag, the story of an event, rebuilding the map."""
