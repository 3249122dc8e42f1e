"""What ``python -m app`` can be told to do, one command a file; without a server."""
