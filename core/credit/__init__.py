"""Credit: whose work a sale is, by which rule, and what somebody decided about it."""
