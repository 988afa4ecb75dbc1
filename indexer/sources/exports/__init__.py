"""Exports of WordPress and feeds, as streams of XML or JSON."""
