"""Scores the levels of the model against public facts: what was fitted apart from what is free."""
