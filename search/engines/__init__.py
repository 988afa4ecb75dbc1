"""The contract every engine keeps, and one package per engine."""
