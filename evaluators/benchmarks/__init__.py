"""Benchmarks of others as problems of ours, pinned, with the references checked."""
