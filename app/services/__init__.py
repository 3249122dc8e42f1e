"""The use cases; they know nothing of HTTP."""
