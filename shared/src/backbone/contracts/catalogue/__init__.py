"""The catalogue: all that is told on the topics, for who reads them, put together from the contracts themselves."""
