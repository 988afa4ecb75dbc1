"""Posting lists as arrays, read from mapped files and kept while they are asked for."""
