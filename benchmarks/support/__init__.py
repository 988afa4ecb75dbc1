"""What several benchmarks share: data, composed articles, drawn queries, clocks."""
