"""What it costs: what was spent, what may be, and what a search would spend."""
