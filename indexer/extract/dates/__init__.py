"""Publication dates: dates in a text and in addresses, scored, and one of them chosen."""
