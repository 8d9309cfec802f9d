"""People who agreed to be known: consent, records, and what became of a binding."""
