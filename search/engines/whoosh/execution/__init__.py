"""Answering queries over an open generation: matching, scoring, collecting, highlighting."""
