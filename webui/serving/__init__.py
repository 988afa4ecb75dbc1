"""Serving: connections, limits, compression, validators and the request log of the web UI."""
