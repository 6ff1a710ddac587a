"""An attribute that is a list of tensors, made anew in `forward`."""
from typing import List

from _support import case, torch

case(tags=["python.object-model"], inputs=(torch.randn(3, 2),), form="as written")


class Model(torch.nn.Module):
    parts: List[torch.Tensor]

    def __init__(self):
        super().__init__()
        self.parts = [torch.ones(3, 2), torch.ones(3, 2)]

    def zeros(self) -> List[torch.Tensor]:
        return [torch.zeros(3, 2), torch.zeros(3, 2)]

    def forward(self, x):
        self.parts = self.zeros()
        return x.sum() + self.parts[0].sum() + self.parts[1].sum()
