"""The plain pages behind the links in our mails: an address confirmed, a password chosen."""
