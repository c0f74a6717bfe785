"""The plain pages: those behind the links in our mails, and those where a person signs in and out."""
