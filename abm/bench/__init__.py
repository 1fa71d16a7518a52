"""The bench behind ``abm run``: runs in processes, results folders that say where they come from, and printed tables."""
