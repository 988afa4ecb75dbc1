"""The commands of ``klastriotsing``. Each imports what it runs when it runs, so help is quick."""
