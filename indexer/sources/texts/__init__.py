"""Text files, Markdown and letters."""
