"""The ODD protocol of the model: the tables that are generated from its code, and the command that renews them."""
