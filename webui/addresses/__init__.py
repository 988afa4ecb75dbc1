"""URL parameters of searches, and short links."""
