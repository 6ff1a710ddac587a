"""`item()` used in a decision, within bounds."""
from _support import case, torch

case(tags=["torch.dynamic-value", "torch.escape-hatch"],
     inputs=(torch.tensor(4), torch.randn(5, 5)), form="as written")


class Model(torch.nn.Module):
    def forward(self, x, y):
        number = int(x.item())
        assert number >= 0
        assert number <= 5
        if number < 6:
            return y.sin()
        return y.cos()
