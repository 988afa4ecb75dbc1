"""Readers of DOCX, ODT and PDF documents."""
