"""Training and export of the networks: data, augmentation, losses, one loop, ONNX."""
