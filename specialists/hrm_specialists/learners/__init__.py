"""Learners that are no networks: trees, linear models, series; trained with scikit-learn, run with numpy."""
