"""What we conclude: further estimators, figures, validation and notebooks, over the results of experiments."""
