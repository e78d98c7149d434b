"""An hour of 24 rooms at both vendors: what was audible against what the documents say must have been."""
