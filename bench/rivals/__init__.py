"""Engines side by side: each in a process of its own, on the same model and input, taking turns."""
