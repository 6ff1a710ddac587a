"""Models with a known number of graph breaks.

A line with a break ends in a comment with its code, and in `xN` where it is reached N times. Lines
without such a comment have none, though some depend on the result of a break.
"""
import math
from typing import List

import torch


class Seeded1(torch.nn.Module):
    def forward(self, x):
        y = x * 2
        if y.max() > 1:  # TX1001
            y = y - 1
        return y


class Seeded2(torch.nn.Module):
    def forward(self, x):
        scale = math.gamma(float(x.mean()))  # TX1002
        y = x * scale
        z = y + scale
        while bool(x.sum() < 10):  # TX1001
            x = x + 1
        return x + z


class Seeded3(torch.nn.Module):
    def forward(self, x):
        if x.min() < 0:
            raise ValueError("no negative values")  # TX1006
        top = math.gamma(float(x[0]))  # TX1002
        total = 0.0
        for i in range(3):
            total += top * i
        if x.sum() > 0 and x.max() < 5:  # TX1001
            return x + 1
        return x - total


class Scale(torch.nn.Module):
    def forward(self, x):
        if x.norm() > 1:  # TX1001 x3
            x = x / x.norm()
        return x


class Seeded4(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.scales = torch.nn.ModuleList([Scale() for _ in range(3)])
        self.weight = torch.nn.Parameter(torch.ones(3), requires_grad=False)

    def forward(self, x):
        for scale in self.scales:
            x = scale(x)
        factor = math.gamma(float(x.std()))  # TX1002
        y = torch.zeros(int(factor) + 1)
        if y.sum() > 0:
            y = y + 1
        if x.any():  # TX1001
            x = x * self.weight
        for i in range(4):
            if x[0] > i:  # TX1001 x4
                x = x + i
        return x, y


class Seeded5(torch.nn.Module):
    def forward(self, x, n):
        if x.sum() > 0:  # TX1001
            low = math.gamma(float(x.min()))  # TX1002
            y = x - low
        else:
            high = math.gamma(float(x.max()))  # TX1002
            y = x + high
            while bool(y.sum() < 0):
                y = y + 1
        count = int(n)
        if count > 3:  # TX1003
            x = x * 2
        product = math.gamma(float(torch.prod(x)))  # TX1002
        return torch.cumsum(x, 0) * product, y


class Seeded6(torch.nn.Module):
    """Every way of a chain of decisions."""

    def forward(self, x):
        if x[0] > 0:  # TX1001
            if x[1] > 0:  # TX1001
                x = x.sin()
            elif x[2] > 0:  # TX1001
                x = x.cos()
        elif x[1] < 0:  # TX1001
            x = x.tan()
        else:
            while bool(x.mean() < 1):  # TX1001
                x = x + 1
        if x[0] + x[1] > 0:  # TX1001
            x = x.exp()
        return x


def normalize(x: torch.Tensor) -> torch.Tensor:
    top = math.gamma(float(x.max()))  # TX1002 x2
    return x / top


class Seeded7(torch.nn.Module):
    def forward(self, x, y):
        a = normalize(x)
        b = normalize(y)
        if a.sum() > b.sum():
            a = a + 1
        if bool((x > y).all()):  # TX1001
            x = x + y
        if bool((x < y).all()):  # TX1001
            x = x - y
        steps = 0
        while bool(x.sum() > 100) and steps < 10:  # TX1001
            x = x / 2
            steps += 1
        y.add_(1)  # TX1004
        if x.isnan().any():
            raise RuntimeError("nan")  # TX1006
        if y.isnan().any():
            raise RuntimeError("nan")  # TX1006
        return x, a, b


class Seeded8(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.mean = 0.0

    def forward(self, x):
        mean = math.gamma(float(x.mean()))  # TX1002
        self.mean = mean
        centered = x - self.mean
        parts: List[torch.Tensor] = []
        for i in range(3):
            if x[i] > 0:  # TX1001 x3
                parts.append(x[i] * 2)
            else:
                parts.append(x[i])
        joined = torch.stack(parts)
        if joined.sum() > 1:  # TX1001
            joined = joined / 2
        first = math.gamma(float(joined[0]))  # TX1002
        second = math.gamma(float(joined[1]))  # TX1002
        if first > second:
            joined = joined + 1
        while bool(joined.norm() > 3):  # TX1001
            joined = joined * 0.5
        if x.std() > 1:  # TX1001
            return centered
        if x.var() > 1:  # TX1001
            return joined
        return x


class Seeded10(torch.nn.Module):
    def forward(self, x):
        if x[0] > 0:  # TX1001
            x = x + 1
        if x[1] > 0:  # TX1001
            x = x + 2
        if x[2] > 0:  # TX1001
            x = x + 3
        a = math.gamma(float(x[0]))  # TX1002
        b = math.gamma(float(x[1]))  # TX1002
        c = math.gamma(float(x[2]))  # TX1002
        while bool(x[0] < 10):  # TX1001
            x = x * 2
        while bool(x[1] < 10):  # TX1001
            x = x * 3
        if x.min() < 0:
            raise ValueError("negative")  # TX1006
        x[0] = a + b + c
        return x.add_(1) if bool(x.max() > 5) else x  # TX1001


class Gate(torch.nn.Module):
    def __init__(self, depth: int):
        super().__init__()
        self.linear = torch.nn.Linear(3, 3)
        self.depth = depth

    def forward(self, x):
        y = self.linear(x)
        if y.sum() > self.depth:  # TX1001 x4
            y = torch.relu(y)
        gain = math.gamma(float(y.abs().max()))  # TX1002 x4
        z = y * gain
        return x + 0.5 * y, z


class Seeded12(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.gates = torch.nn.ModuleList([Gate(i) for i in range(4)])

    def forward(self, x, tokens):
        for gate in self.gates:
            x, ignored = gate(x)
        if tokens[0] == 0:  # TX1001
            x = x + 1
        if tokens[1] == 0:  # TX1001
            x = x + 2
        last = int(tokens[-1])
        if last == 5:  # TX1003
            x = x + 3
        best = math.gamma(float(x.max()))  # TX1002
        worst = math.gamma(float(x.min()))  # TX1002
        spread = best - worst
        while bool(x.std() > 2):  # TX1001
            x = x / 2
        for i in range(2):
            if x[i].sum() > 0:  # TX1001 x2
                x = x - 1
        if bool(x.isfinite().all()):  # TX1001
            x = x.clone()
        levels = math.gamma(float(x[0, 0]))  # TX1002
        if x.mean() > 0:
            raise RuntimeError("too large")  # TX1006
        return x, levels, spread
