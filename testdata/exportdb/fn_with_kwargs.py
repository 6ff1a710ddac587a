"""Positional arguments, a tuple, `*args`, a keyword-only argument and `**kwargs`."""
from typing import Tuple

from _support import case, torch

T = [torch.randn(4) for _ in range(8)]
case(tags=["python.data-structure"], inputs=(T[0], (T[1], T[2]), T[3], T[4], T[5], T[6], T[7]),
     form="positional arguments with names")


class Model(torch.nn.Module):
    def forward(self, pos0, tuple0: Tuple[torch.Tensor, torch.Tensor], myarg0, myarg1, mykw0,
                input0, input1):
        out = pos0
        for value in (tuple0[0], tuple0[1], myarg0, myarg1, mykw0, input0, input1):
            out = out * value
        return out
