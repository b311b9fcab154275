"""Files that leave the house or come in: made, looked at, and nothing decided."""
