"""Where things are kept between requests, by the digest of what they are."""
