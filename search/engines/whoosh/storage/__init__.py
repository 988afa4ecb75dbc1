"""What a generation has on disk: segments as Whoosh reads them, and what opening one needs."""
