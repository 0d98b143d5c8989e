"""The generator as a DSPy program; the only package that imports dspy."""
