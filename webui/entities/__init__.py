"""Focus areas and organisations: their names, their pages, and two of them compared."""
