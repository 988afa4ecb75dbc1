"""Web pages: the article in an HTML page, and HTML as paragraphs."""
