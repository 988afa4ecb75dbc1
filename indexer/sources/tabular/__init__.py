"""Tables and lists of records: CSV, workbooks, JSON."""
