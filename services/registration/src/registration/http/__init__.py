"""The doors of registration: the API for organisers and their software, and its few plain pages."""
