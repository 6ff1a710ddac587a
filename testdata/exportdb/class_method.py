"""A class method that is called through an instance."""
from _support import case, torch

case(tags=[], inputs=(torch.randn(3, 4),), form="ordinary methods")


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(4, 2)

    def shift(self, x):
        return x + 1

    def forward(self, x):
        x = self.linear(x)
        return self.shift(x) * self.shift(x) * self.shift(x)
