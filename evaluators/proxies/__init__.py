"""Cheap signals that people tune generators on, kept to be held against the score."""
