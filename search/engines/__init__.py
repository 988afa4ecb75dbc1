"""Search engines: the contract, the registry, and one package per engine."""
