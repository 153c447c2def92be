"""`make bench` measures the tool against the simulator and writes `docs/performance.md`.

Absolute times differ from machine to machine and from minute to minute. So each part runs what it
compares in the same rounds, and the ratios count.
"""
