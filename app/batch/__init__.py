"""A network on thousands of pictures: in shares, each of which is done completely or not at all."""
