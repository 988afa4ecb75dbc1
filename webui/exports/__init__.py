"""What is taken along: files, feeds, citations, chosen articles, maps for other programs."""
