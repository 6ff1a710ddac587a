"""`item()` used as a size, within bounds."""
from _support import case, torch

case(tags=["torch.dynamic-value", "torch.escape-hatch"], inputs=(torch.tensor(4),),
     form="`int(x.item())` and `assert`")


class Model(torch.nn.Module):
    def forward(self, x):
        size = int(x.item())
        assert size >= 0
        assert size <= 5
        return torch.zeros((size, 5))
