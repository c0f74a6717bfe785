"""What keeps a process going, and says what goes on in it."""
