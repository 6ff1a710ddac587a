"""Attributes that are tested in Python."""
from _support import case, torch

case(tags=[], inputs=(torch.randn(3, 2),), form="as written")


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.animal = "moo"
        self.count = 4

    def forward(self, x):
        if self.animal == "moo":
            return x * x + self.count
        raise ValueError("an unknown animal")
