"""The networks as PyTorch modules, and readers of published weights: to train and to convert, never to colour."""
