"""What a visitor sees of an event, and how they look for it: pure, and in French where a visitor reads it."""
