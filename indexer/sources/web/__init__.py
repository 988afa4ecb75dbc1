"""A polite crawler: pages, feeds, sitemaps and whole sites of the web as sources."""
