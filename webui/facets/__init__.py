"""Facets: facet boxes, lists of all values, and the date control with its chart."""
