"""Known networks, each a function that returns a specification."""
