"""What was tried and what came of it: Optuna's memory, which outlives every process."""
