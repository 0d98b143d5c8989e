"""What writes candidates: the generator as a DSPy program, writers of instructions, the judge."""
