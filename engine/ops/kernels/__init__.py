"""Ways to compute the same convolution: one answer, several routes, one rule that chooses."""
