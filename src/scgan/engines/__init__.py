"""Engines: ways to compute a generator, from PyTorch to programs that read an ONNX file."""
