"""Models with operators that LibTorch does not have (tools/torch-export/test_operators.cpp defines
some of them) or cannot tell the shape of."""
import torch

library = torch.library.Library("my_custom_library", "DEF")
library.define("custom_op(Tensor input) -> Tensor")
library.define("no_kernel(Tensor input) -> Tensor")
library.define("counting(Tensor input) -> Tensor")
library.define("throwing(Tensor input) -> Tensor")
library.impl("custom_op", torch.relu, "CPU")

missing = torch.library.Library("my_missing_library", "DEF")
missing.define("missing(Tensor input) -> Tensor")
missing.define("scaled(Tensor input, *, float factor) -> Tensor")


class CustomOperator(torch.nn.Module):
    def forward(self, x):
        x = torch.sin(x)
        x = torch.ops.my_custom_library.custom_op(x)
        x = torch.cos(x)
        return x


class NoKernel(torch.nn.Module):
    def forward(self, x):
        return torch.ops.my_custom_library.no_kernel(x)


class Counting(torch.nn.Module):
    def forward(self, x):
        return torch.ops.my_custom_library.counting(x)


class Throwing(torch.nn.Module):
    def forward(self, x):
        return torch.ops.my_custom_library.throwing(x)


class Missing(torch.nn.Module):
    def forward(self, x):
        return torch.ops.my_missing_library.missing(x)


class MissingAmongBreaks(torch.nn.Module):
    def forward(self, x):
        y = torch.ops.my_missing_library.missing(x)
        if bool(y.sum() > 0):
            y = y + 1
        if bool(x.sum() > 0):
            x = torch.ops.my_missing_library.missing(x) * x
        return x + y.relu()


class MissingKeyword(torch.nn.Module):
    def forward(self, x):
        return torch.ops.my_missing_library.scaled(x, factor=2.0)


class SegmentReduce(torch.nn.Module):
    def forward(self, x, lengths):
        return torch.segment_reduce(x, "sum", lengths=lengths)


class WindowedIstft(torch.nn.Module):
    """A window that is a buffer: whether its overlaps reach zero depends on its values."""

    def __init__(self):
        super().__init__()
        self.register_buffer("window", torch.hann_window(16))

    def forward(self, x):
        spectrum = torch.stft(x, 16, hop_length=4, window=self.window, return_complex=True)
        return torch.istft(spectrum * 2, 16, hop_length=4, window=self.window, length=x.size(-1))


library.define("doubled(Tensor input) -> Tensor")
library.define("doubled_plainly(Tensor input) -> Tensor")
library.define("increase_(Tensor(a!) input) -> Tensor(a!)")
library.impl("doubled", lambda x: torch.cat([x, x]), "CPU")


class Doubled(torch.nn.Module):
    def forward(self, x):
        return torch.ops.my_custom_library.doubled(x).silu()


class DoubledPlainly(torch.nn.Module):
    def forward(self, x):
        return torch.ops.my_custom_library.doubled_plainly(x)


class Increased(torch.nn.Module):
    def forward(self, x):
        y = x * 2
        torch.ops.my_custom_library.increase_(y)
        return y
