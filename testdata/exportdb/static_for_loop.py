"""A loop with a constant number of iterations is unrolled."""
from typing import List

from _support import case, torch

case(tags=["python.control-flow"], inputs=(torch.randn(3, 2),), form="as written")


class Model(torch.nn.Module):
    def forward(self, x):
        results: List[torch.Tensor] = []
        for i in range(10):
            results.append(i + x)
        return results
