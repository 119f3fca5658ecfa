"""Commands that look after the service itself: serving, tokens of users, keys of secrets."""
