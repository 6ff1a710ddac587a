"""A decorator around `forward`."""
from _support import case, torch

case(tags=[], inputs=(torch.randn(3, 2), torch.randn(3, 2)),
     missing="torch.jit.script drops the decorator, and the result is another one")
