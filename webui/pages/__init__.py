"""Pages that readers see, and what each of them is made of."""
