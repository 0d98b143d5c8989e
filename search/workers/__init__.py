"""What runs on Ray: trials, their learners, their Lean, the arms of a comparison."""
