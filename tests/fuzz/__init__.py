"""A seeded fuzz of whole runs: odd answers and another administrator. Its judge is like chaos's.

A man in the middle alters, delays, cuts, reorders and invents answers. Between two requests,
another administrator acts on the same VMs. Each round depends only on the seed and its number.
"""
