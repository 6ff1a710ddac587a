"""An input that is written to."""
from _support import case, torch

case(tags=["torch.mutation"], inputs=(torch.randn(3, 2),), options=["--allow-input-mutation"],
     form="as written")


class Model(torch.nn.Module):
    def forward(self, x):
        x.mul_(2)
        return x.cos()
