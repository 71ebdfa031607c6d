"""From anyone's examples to a trained, measured, calibrated specialist."""
