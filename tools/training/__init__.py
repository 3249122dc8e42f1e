"""What the training scripts share: data, cards, filters."""
