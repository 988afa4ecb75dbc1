"""Readers of WordPress exports and feeds, as streams of XML or JSON."""
