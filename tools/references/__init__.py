"""What the stored references are made of: operations computed by PyTorch, case by case."""
