"""What an address says of a search, and short addresses for it."""
