"""Parts of the TorchScript language: containers, classes, control flow, attributes."""
import math
from enum import Enum
from typing import Dict, List, NamedTuple, Optional, Tuple
import torch


class Mode(Enum):
    ADD = 0
    MUL = 1


class Point(NamedTuple):
    x: torch.Tensor
    y: torch.Tensor


@torch.jit.script
class Accumulator:
    def __init__(self, start: torch.Tensor):
        self.total = start
        self.count = 0

    def add(self, value: torch.Tensor):
        self.total = self.total + value
        self.count += 1

    def mean(self) -> torch.Tensor:
        return self.total / self.count


@torch.jit.script
def clamp_to(x: torch.Tensor, low: float, high: float) -> torch.Tensor:
    assert low <= high, "an empty interval"
    return x.clamp(low, high)


class ScriptClass(torch.nn.Module):
    def forward(self, x):
        acc = Accumulator(torch.zeros_like(x))
        for i in range(3):
            acc.add(x * i)
        return clamp_to(acc.mean(), -1.0, 1.0)


class WithEnum(torch.nn.Module):
    def __init__(self, mode: Mode):
        super().__init__()
        self.mode = mode

    def forward(self, x, y):
        if self.mode == Mode.ADD:
            return x + y
        return x * y


class NestedInputs(torch.nn.Module):
    def forward(self, pair: Tuple[torch.Tensor, torch.Tensor], items: List[torch.Tensor],
                named: Dict[str, torch.Tensor], extra: Optional[torch.Tensor] = None):
        y = pair[0] + pair[1]
        for item in items:
            y = y + item
        for key, value in named.items():
            if key == "scale":
                y = y * value
            else:
                y = y - value
        if extra is not None:
            y = y + extra
        return {"sum": y, "first": pair[0]}, [items[-1], y]


class NamedTupleInOut(torch.nn.Module):
    def forward(self, p: Point, shift: float = 1.0):
        return Point(p.y + shift, p.x - shift)


class PlainArguments(torch.nn.Module):
    def forward(self, x, times: int, how: str = "add", bias: Optional[float] = None,
                both: bool = False):
        for _ in range(times):
            if how == "add":
                x = x + 1
            elif how == "double":
                x = x * 2
            else:
                raise ValueError("how is add or double")
        if bias is not None:
            x = x + bias
        if both:
            return x, times
        return x, 0


class KeywordOnly(torch.nn.Module):
    def forward(self, x, *, scale: float, shift: Optional[torch.Tensor]):
        x = x * scale
        if shift is not None:
            x = x + shift
        return x


class NonTensorOutputs(torch.nn.Module):
    def forward(self, x):
        return x + 1, x.size(0), "done", 2.5, None, [True, False], (x.dim(), x)


class NoInputs(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.table = torch.nn.Parameter(torch.arange(6.0).reshape(2, 3))

    def forward(self):
        return self.table.exp()


class Containers(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.steps = torch.nn.ModuleList([torch.nn.Linear(4, 4) for _ in range(3)])
        self.heads = torch.nn.ModuleDict({"left": torch.nn.Linear(4, 2),
                                          "right": torch.nn.Linear(4, 2)})
        self.weights = torch.nn.ParameterList([torch.nn.Parameter(torch.ones(4))
                                               for _ in range(2)])

    def forward(self, x):
        outputs: Dict[str, torch.Tensor] = {}
        for i, step in enumerate(self.steps):
            x = step(x) if i % 2 == 0 else torch.tanh(step(x))
        for weight in self.weights:
            x = x * weight
        for name, head in self.heads.items():
            outputs[name] = head(x)
        return outputs


class RaiseNotTaken(torch.nn.Module):
    def forward(self, x):
        if x.dim() != 2:
            raise RuntimeError("two dimensions are needed")
        assert x.size(0) > 0, "an empty batch"
        return x * 2


class RaiseTaken(torch.nn.Module):
    def forward(self, x):
        y = x + 1
        if y.size(0) != 4:
            raise ValueError("a batch of 4 is needed, not " + str(y.size(0)))
        return y


class ItemDependency(torch.nn.Module):
    def forward(self, x):
        scale = int(x.max().item())
        return x.repeat(scale, 1)


class ItemToValue(torch.nn.Module):
    def forward(self, x):
        return x * x.mean().item()


class DataLoop(torch.nn.Module):
    def forward(self, x):
        while bool(x.sum() < 100):
            x = x * 2
        return x


class SizeFromData(torch.nn.Module):
    def forward(self, x):
        return x[x > 0] * 2


class InputMutation(torch.nn.Module):
    def forward(self, x, y):
        x.add_(y)
        return x * 2


class WritesAttribute(torch.nn.Module):
    calls: int

    def __init__(self):
        super().__init__()
        self.calls = 0

    def forward(self, x):
        self.calls += 1
        return x + self.calls


class Arithmetic(torch.nn.Module):
    def forward(self, x):
        n = x.size(1)
        values: List[int] = []
        for i in range(0, n, 2):
            if i % 4 == 0:
                continue
            values.append(i * i // 3)
        total = 0
        while total < 10:
            total += 3
        text = "n={} total={:d}".format(n, total)
        sizes = [v + 1 for v in x.shape]
        y = x.new_ones(sizes) / float(len(text))
        return y + sum(values) + max(total, n) - min(n, 2), torch.tensor(values)


class Interface(torch.nn.Module):
    """Calls another method and a submodule's method, with a default."""

    def __init__(self):
        super().__init__()
        self.inner = WithMethods()

    def forward(self, x):
        return self.inner.scaled(x) + self.inner.scaled(x, 3.0) + self.inner(x)


class WithMethods(torch.nn.Module):
    @torch.jit.export
    def scaled(self, x, factor: float = 2.0):
        return x * factor

    def forward(self, x):
        return self.scaled(x, 0.5)


class ReturnsObject(torch.nn.Module):
    def forward(self, x):
        acc = Accumulator(x)
        acc.add(x)
        return acc


class Prints(torch.nn.Module):
    def forward(self, x):
        print("size", x.size(0))
        return x + 1


class Forks(torch.nn.Module):
    def forward(self, x):
        future = torch.jit.fork(torch.sin, x)
        return x + torch.jit.wait(future)


class WritesParameter(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(2), requires_grad=False)

    def forward(self, x):
        self.weight.add_(1)
        return x * self.weight


class ListOfData(torch.nn.Module):
    def forward(self, x):
        values: List[float] = x.tolist()
        return x * values[0]


class SlopeOfData(torch.nn.Module):
    def forward(self, x):
        slope = float(x.mean())
        return torch.nn.functional.leaky_relu(x, slope)


class NumbersOfData(torch.nn.Module):
    """Floats from tensors: arithmetic, math, lists, and operators that take numbers."""

    def forward(self, x):
        low, high = float(x.min()), float(x.max())
        scale = max((high - low) / 255.0, 1e-6)
        zero_point = round(-low / scale)
        quantized = torch.clamp(torch.round(x / scale + zero_point), 0, 255)
        levels = [low, math.sqrt(abs(high)), 0.5]
        levels.append(scale)
        filled = torch.full((2, x.size(0)), levels[1])
        return quantized, torch.tensor(levels), filled, x.masked_fill(x > 0.5 * high, low)


class ReturnsNumbers(torch.nn.Module):
    def forward(self, x):
        return x + 1, float(x.max()), int(x.argmax())


class BoolOfData(torch.nn.Module):
    def forward(self, x):
        return x + 1, bool(x.any())


class Hooked(torch.nn.Module):
    """Made with hooks of its own and hooks of a part."""

    def __init__(self):
        super().__init__()
        self.part = torch.nn.Linear(4, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.part(x)


def doubles_input(module, inputs: Tuple[torch.Tensor]) -> Tuple[torch.Tensor]:
    return (inputs[0] * 2,)


def halves_large(module, inputs: Tuple[torch.Tensor], output: torch.Tensor) -> torch.Tensor:
    return torch.where(output > 1, output / 2, output)
