"""Decisions that depend on data, within the limits of cond and while_loop and beyond them."""
from typing import Dict, List, Optional, Tuple

import torch


class Cond(torch.nn.Module):
    """The tutorial's section 3."""

    def forward(self, x):
        if x.sum() > 0:
            return torch.sin(x)
        return torch.cos(x)


class CondClosure(torch.nn.Module):
    """Captured values, an untouched one on one way, numbers, a tuple, nested decisions."""

    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(3, 3)

    def forward(self, x, y):
        count = 1
        scale = 0.5
        big = False
        pair = (x, y)
        z = x * 2
        if x.sum() > 0:
            z = self.linear(z) + y
            count += 2
            scale = 1.5
            big = True
            pair = (y, z)
            if y.mean() > 1:
                z = z - 1
                count *= 5
        if big and count > 3:
            z = z + 100
        return z * count + scale, pair[0] - pair[1]


class AttributeInBranch(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("calls", torch.zeros(2))

    def forward(self, x):
        if x.sum() > 0:
            self.calls = self.calls + x
        else:
            self.calls = self.calls - 1
        return x * self.calls


class WhileLoop(torch.nn.Module):
    def forward(self, x, limit: float = 100.0):
        steps = 0
        while bool(x.sum() < limit) and steps < 20:
            x = x * 2
            steps += 1
        return x, x + steps


class ForBreak(torch.nn.Module):
    """A loop with a number of iterations and a way out that depends on data."""

    def forward(self, x):
        total = torch.zeros_like(x)
        for i in range(6):
            if total.max() > 10:
                break
            total = total + x * i
        return total


class AssertData(torch.nn.Module):
    def forward(self, x):
        assert x.min() > 0, "values have to be positive"
        return torch.log(x)


class RaiseOnData(torch.nn.Module):
    def forward(self, x):
        if x.min() <= 0:
            raise ValueError("values have to be positive")
        return torch.log(x)


class BranchDtypes(torch.nn.Module):
    def forward(self, x):
        if x.sum() > 0:
            y = x.double()
        else:
            y = x + 1
        return y


class BranchSizes(torch.nn.Module):
    def forward(self, x):
        if x.sum() > 0:
            y = x[:2]
        else:
            y = x + 1
        return y


class BranchMutation(torch.nn.Module):
    def forward(self, x):
        y = x * 2
        if x.sum() > 0:
            y.add_(1)
        return y


class BranchStructure(torch.nn.Module):
    def forward(self, x):
        parts = [x]
        if x.sum() > 0:
            parts.append(x + 1)
        return torch.stack(parts).sum(0)


class LoopSizes(torch.nn.Module):
    def forward(self, x):
        while bool(x.sum() < 100):
            x = torch.cat([x, x])
        return x


class AliasedResult(torch.nn.Module):
    """In eager mode the write goes to `x * 2` as well on one way."""

    def forward(self, x):
        y = x * 2
        z = y
        if x.sum() > 0:
            z = y + 1
        z.add_(1)
        return y + z


class SizeDecision(torch.nn.Module):
    def forward(self, x):
        if x.dim() > 2 and x.shape[2] > 10:
            return x.cos()
        return x.sin()


class BreaksInBranches(torch.nn.Module):
    """Breaks behind breaks, in both ways of a decision, and one that follows from another."""

    def forward(self, x):
        if x.sum() > 0:
            y = torch.threshold(x, float(x.max()), 0.0)
        else:
            y = x[x > 0].sum() + x
        if y.mean() > 0:
            y = y + 1
        return y


class Gate(torch.nn.Module):
    def forward(self, x):
        if x.sum() > 0:
            x = x + 1
        return x


class ManyGates(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.gates = torch.nn.ModuleList([Gate() for _ in range(3)])

    def forward(self, x):
        for gate in self.gates:
            x = gate(x)
        return x


class GatedStack(torch.nn.Module):
    """Sixty layers, each behind a decision on data."""

    def __init__(self):
        super().__init__()
        self.layers = torch.nn.ModuleList([torch.nn.Linear(8, 8) for _ in range(60)])

    def forward(self, x):
        for layer in self.layers:
            if x.sum() > 0:
                x = torch.tanh(layer(x))
            else:
                x = x - layer(x)
        return x


class DraftOfDecisions(torch.nn.Module):
    """Breaks of every kind that a run-time assertion can stand for."""

    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(4, 4)

    def forward(self, x, lengths):
        y = self.linear(x)
        if y.sum() > 100:
            y = y * 2
        if x.isnan().any():
            raise ValueError("not a number")
        while bool(x.sum() < 100):
            x = x * 2
        longest = int(lengths.max())
        if longest > 3:
            y = y + 1
        sizes: List[int] = lengths.tolist()
        parts = torch.split(y, sizes)
        for i in range(int(lengths[0])):
            x = x + i
        return x, parts[0], torch.nn.functional.leaky_relu(y, float(lengths[1]) / 10)


class DraftOfSome(torch.nn.Module):
    """One break that an assertion can stand for, and one that none can."""

    def forward(self, x):
        y = x + 1 if bool(x.sum() > 0) else x
        x.mul_(2)
        return y


class BranchRanks(torch.nn.Module):
    def forward(self, x):
        if x.sum() > 0:
            return x[0]
        return x


class NestedSizes(torch.nn.Module):
    def forward(self, x):
        if x.sum() > 0:
            if x.max() > 1:
                x = x[:2]
            x = x + 1
        return x


class ComparedTensors(torch.nn.Module):
    """torch.equal and torch.allclose, and numbers from data through torch.as_tensor."""

    def forward(self, x, y):
        scale = float(y.max())
        factor = torch.as_tensor(scale, dtype=x.dtype)
        if torch.equal(x, y):
            return x * factor
        if torch.allclose(x, y, rtol=0.1):
            return x - y
        if torch.equal(x, y[:1]):
            return x * 100
        return x + y
