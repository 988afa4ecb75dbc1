"""Readers of records: CSV, workbooks, JSON."""
