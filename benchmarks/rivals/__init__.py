"""Rival engines and baselines, set up as their manuals say."""
