"""The fine-tuned student as something that answers prompts."""
