"""`view` to sizes that are computed from sizes."""
from _support import case, torch

case(tags=["torch.dynamic-shape"], inputs=(torch.randn(10, 10),), form="a list of sizes")


class Model(torch.nn.Module):
    def forward(self, x):
        return x.view(x.size()[:-1] + [2, 5]).permute(0, 2, 1)
