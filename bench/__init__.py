"""Benchmarks: ours and bare peers, alternating in one run, on servers of their own. `make bench ARGS=messages`"""
