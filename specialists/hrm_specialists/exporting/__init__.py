"""Specialists as ONNX models, for whatever runs those: browsers, phones, other languages."""
