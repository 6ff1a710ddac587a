"""Unpacking of a list."""
from typing import List

from _support import case, torch

case(tags=["python.control-flow", "python.data-structure"],
     inputs=([torch.randn(3, 2), torch.tensor(4), torch.tensor(5)],), form="indexing")


class Model(torch.nn.Module):
    def forward(self, args: List[torch.Tensor]):
        return args[0] + args[1]
