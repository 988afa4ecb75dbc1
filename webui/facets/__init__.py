"""Filters: facet boxes, lists of all values, and the control of dates with its chart."""
