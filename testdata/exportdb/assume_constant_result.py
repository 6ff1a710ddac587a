"""A method runs once, and its result is baked in as a constant."""
from _support import case, torch

case(tags=["torch.escape-hatch"], inputs=(torch.randn(5, 2), torch.tensor(4)),
     options=["--assume", "u0:0..5"],
     form="as written; the result is a number that depends on data")


class Model(torch.nn.Module):
    @torch._dynamo.assume_constant_result
    def number(self, y):
        return y.int().item()

    def forward(self, x, y):
        return x[: self.number(y)]
