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


class SegmentReduce(torch.nn.Module):
    def forward(self, x, lengths):
        return torch.segment_reduce(x, "sum", lengths=lengths)
