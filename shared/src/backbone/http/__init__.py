"""How a service answers: who is asking, what is wrong, what is limited and described."""
