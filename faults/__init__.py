"""The fault matrix: real processes on real servers, one thing after another made to fail, nothing lost."""
