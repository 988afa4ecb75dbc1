"""Readers of web pages: main content extraction, and HTML to paragraphs."""
