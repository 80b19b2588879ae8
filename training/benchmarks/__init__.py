"""The models and the training on labelled sets of others, and on our own, as one table.

    python -m training.benchmarks --benchmarks DIR --texts DIR

Nothing here trains a shipped model.
"""
