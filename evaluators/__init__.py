"""Judges a fine-tuned student on the final task, with honest statistics."""
