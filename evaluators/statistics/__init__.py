"""Scores with their errors, and comparisons that may end in "not shown"."""
