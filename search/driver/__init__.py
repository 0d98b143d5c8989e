"""One search from its materials to the frozen pipeline, and the dry run of it."""
