"""Benchmarks, each beside the assignment's own plain node in the same run.

Absolute figures are a machine's; what holds are the ratios. So every benchmark runs our
programs and the plain ones in turn on the same machine, and says the ratio and the bar
that it should clear. `python -m benchmarks --help` lists them.
"""
