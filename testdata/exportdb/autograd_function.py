"""A custom autograd function."""
from _support import case, torch

case(tags=[], inputs=(torch.randn(3, 2),),
     missing="a call of a Python function stays in the graph, so the scripted model cannot be saved")
