"""How fast the library is, beside other tools, on this machine and the same articles.

    python -m training.speed --texts ../shared/texts

Everything is timed in one run and in turns, so that what slows the machine for a while
slows all; what counts are the ratios within each round.
"""
