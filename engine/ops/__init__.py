"""The operations: each file holds one, forward, backward, explanation and declaration together."""
