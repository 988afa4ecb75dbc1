"""The engines and simple methods that ours are measured against, as their manuals set them up."""
