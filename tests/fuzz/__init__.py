"""A seeded fuzz of whole runs: odd answers and another administrator, judged as chaos is judged.

A man in the middle alters, delays, cuts, reorders and invents answers; between two requests others
act on the same VMs. Each round follows from the seed and its number alone.
"""
