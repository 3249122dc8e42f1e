"""From files that others wrote to models and weights: everything in them is checked, nothing is trusted."""
