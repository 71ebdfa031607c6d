"""Trees, linear models and series: trained with scikit-learn, run with numpy alone."""
