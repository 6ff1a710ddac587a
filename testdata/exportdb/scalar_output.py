"""An int computed from a dynamic dimension among the outputs."""
from _support import case, torch

case(tags=["torch.dynamic-shape"], inputs=(torch.randn(3, 2),),
     options=["--dynamic", "x:1=dim1_x"], form="as written")


class Model(torch.nn.Module):
    def forward(self, x):
        return x.shape[1] + 1
