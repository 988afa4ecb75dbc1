"""Dates in articles: found, told apart, and the publication date chosen among them."""
