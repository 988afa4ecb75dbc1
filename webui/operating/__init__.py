"""Operator's pages: status, metrics, review lists, and mistakes that readers report."""
