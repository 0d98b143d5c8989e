"""What runs: one trial from recipe to score, its stages, and the workers that do it."""
