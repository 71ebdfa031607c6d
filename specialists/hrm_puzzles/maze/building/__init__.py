"""Builds training data, with searches that know the answer: never used to answer a question."""
