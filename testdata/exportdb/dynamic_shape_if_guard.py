"""`if` on a dimension: the way of the example, and a guard."""
from _support import case, torch

case(tags=["python.control-flow", "torch.dynamic-shape"], inputs=(torch.randn(3, 2, 2),),
     form="as written")


class Model(torch.nn.Module):
    def forward(self, x):
        if x.shape[0] == 3:
            return x.cos()
        return x.sin()
