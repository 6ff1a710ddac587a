"""A nested function with a variable of the function around it."""
from _support import case, torch

case(tags=["python.closure"], inputs=(torch.randn(3, 2), torch.randn(2)),
     form="the nested function inlined")


class Model(torch.nn.Module):
    def forward(self, a, b):
        x = a + b
        z = a - b
        x = x + 1
        x += z
        return x * z + 2
