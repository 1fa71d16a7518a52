"""How firms' values react to an R1-like launch in the model, firm by firm, beside what was observed."""
