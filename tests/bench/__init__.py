"""Speed: each figure is a ratio against a peer that is measured in the same minutes."""
