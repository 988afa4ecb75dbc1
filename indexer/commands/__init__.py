"""Commands of ``klastriotsing``. Heavy imports happen when a command runs, to keep help quick."""
