"""Readers of text files, Markdown and e-mails."""
