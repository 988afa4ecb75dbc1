"""Routes and view models of the pages for readers."""
