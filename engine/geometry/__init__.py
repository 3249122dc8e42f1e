"""The one copy of every formula about sizes, padding, receptive fields and cost."""
