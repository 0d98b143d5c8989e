"""Where new arms come from while a study runs, and who decides whether they may be tried."""
