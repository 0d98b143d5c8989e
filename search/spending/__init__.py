"""What a study has spent, and the caps that hold what it may spend."""
