"""`cond` whose branches are bound methods."""
from _support import case, torch

case(tags=["torch.cond", "torch.dynamic-shape"], inputs=(torch.randn(3),),
     form="`if` with calls of methods")


class Sub(torch.nn.Module):
    def forward(self, x):
        return x.cos()


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.sub = Sub()

    def bar(self, x):
        return x.sin()

    def forward(self, x):
        if x.shape[0] <= 2:
            return self.sub(x)
        return self.bar(x)
