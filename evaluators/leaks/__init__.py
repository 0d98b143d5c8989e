"""What gives a problem away: copies, near copies and paraphrases in what is learnt from."""
