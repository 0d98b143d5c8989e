"""What is searched and what was found: the study file, the space, and Optuna's memory."""
