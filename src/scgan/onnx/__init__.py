"""ONNX files of networks: written from a traced call, checked, and described by their metadata."""
