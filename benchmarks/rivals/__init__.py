"""Rival engines and baselines, set up by their manuals."""
