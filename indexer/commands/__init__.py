"""Commands of ``klastriotsing``. Heavy imports are deferred until a command runs."""
