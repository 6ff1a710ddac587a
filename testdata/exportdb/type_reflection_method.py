"""A method that is called through `type(object)`."""
from _support import case, torch

case(tags=["python.builtin"], inputs=(torch.randn(3, 4),), form="a call of the method")


class Model(torch.nn.Module):
    def func(self, x):
        return 1 + x

    def forward(self, x):
        return self.func(x)
