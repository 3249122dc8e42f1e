"""Benchmarks, run by hand: ``python -m bench``. None of them is a test."""
