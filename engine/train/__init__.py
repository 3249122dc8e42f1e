"""Learning from labelled pictures: optimisers, one step, and the loop."""
