"""The outer loop: contexts, generator, trials, the search over recipes, and its command line."""
