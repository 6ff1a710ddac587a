"""A container that is flattened inside of `forward`."""
from _support import case, torch

case(tags=[], inputs=({1: torch.randn(3, 2), 2: torch.randn(3, 2)},),
     missing="a container has one type in TorchScript, and there is no way to flatten any")
