"""Entity pages: focus areas and organisations, their names, and comparison."""
