"""What a study works with: contexts, problems and demos, read, checked and kept apart."""
