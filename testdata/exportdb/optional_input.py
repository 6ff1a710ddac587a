"""An argument that is left out; its default is a tensor."""
from _support import case, torch

case(tags=["python.object-model"], inputs=(torch.randn(2, 3),), form="as written")


class Model(torch.nn.Module):
    def forward(self, x, y=torch.ones(2, 3)):
        return x + y
