"""`setattr` on a tensor, with a name that is an argument."""
from _support import case, torch

case(tags=["python.builtin"], inputs=(torch.randn(3, 2), "attr"),
     missing="tensors have no attributes in TorchScript")
