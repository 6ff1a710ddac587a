"""`in` on a list of ints."""
from _support import case, torch

case(tags=["python.assert", "python.data-structure", "torch.dynamic-shape"],
     inputs=(torch.randn(3, 2),), form="as written")


class Model(torch.nn.Module):
    def forward(self, x):
        assert x.size(-1) in [6, 2]
        assert x.size(0) not in [4, 5, 6]
        return x + x
