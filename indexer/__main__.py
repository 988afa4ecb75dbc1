"""Runs the command ``klastriotsing`` as ``python -m indexer``."""

from indexer.start import main

if __name__ == "__main__":
    main()
