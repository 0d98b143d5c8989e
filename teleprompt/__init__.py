"""Prompts optimised on examples or logged traces."""
