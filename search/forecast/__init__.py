"""What a search would take and could show, from what earlier stages took."""
