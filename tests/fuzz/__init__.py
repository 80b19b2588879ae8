"""Fuzzers: `python -m tests.fuzz.text --seconds 1800`; also `annotations` and `models`.

With atheris installed (`pip install atheris`) new code reached guides the next input; without
it inputs are changed blindly. What fails is kept in the folder `--faults`, one file a place in
the code, and goes on the list of known inputs of the tests once it is mended.
"""
