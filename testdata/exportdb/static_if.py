"""`if` on the rank."""
from _support import case, torch

case(tags=["python.control-flow"], inputs=(torch.randn(3, 2, 2),), form="as written")


class Model(torch.nn.Module):
    def forward(self, x):
        if x.dim() == 3:
            return x + torch.ones(1, 1, 1)
        return x
