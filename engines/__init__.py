"""Language models and their cost: settings, calls that are paid for, weights, the budget."""
