"""Which numbers of the world move an outcome: elementary effects and shares of variance, from designs that were run."""
