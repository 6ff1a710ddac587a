"""`assert` on a dimension."""
from _support import case, torch

case(tags=["python.assert"], inputs=(torch.randn(3, 2),), form="as written")


class Model(torch.nn.Module):
    def forward(self, x):
        assert x.shape[0] > 2, "more than two rows are needed"
        assert x.shape[0] > 1
        return x
