"""Who acts: mesa agents that perceive, ask a rule and make an offer."""
