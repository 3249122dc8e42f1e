"""A step of training, the same in every engine: cross-entropy, and plain stochastic gradient descent."""

LEARNING_RATE = 0.01

FIRST_LOSSES = 3
"""So many losses must agree: the third has two updates behind it."""
