"""Mails: how one is put together, checked and handed over."""
