"""Texts that people write and paste: made whole, and looked at for what cannot be shown or printed."""
