"""Encryption of what is personal. Knows nothing of anybody."""
