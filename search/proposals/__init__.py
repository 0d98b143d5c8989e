"""Where new arms come from while a study runs, and how they are let in."""
