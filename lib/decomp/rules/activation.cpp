// Activation functions.
#include "decomp/rules/families.h"

namespace tx::decomp {

const std::string_view kActivation = R"PY(
def silu(self: Tensor) -> Tensor:
    x = up(self)
    return down(x * torch.sigmoid(x), self)

def mish(self: Tensor) -> Tensor:
    x = up(self)
    return down(x * torch.tanh(torch.softplus(x)), self)

def hardswish(self: Tensor) -> Tensor:
    x = up(self)
    return down(x * torch.clamp_max(torch.clamp_min(x + 3, 0), 6) / 6, self)

def hardsigmoid(self: Tensor) -> Tensor:
    x = up(self)
    return down(torch.clamp_max(torch.clamp_min(x + 3, 0), 6) / 6, self)

def celu(self: Tensor, alpha: number) -> Tensor:
    x = up(self)
    a = float(alpha)
    if a == 1:
        negative = torch.expm1(x)
    else:
        negative = torch.expm1(x / a) * a
    return down(torch.where(x > 0, x, negative), self)

def softplus(self: Tensor, beta: number, threshold: number) -> Tensor:
    x = up(self)
    b = float(beta)
    if b == 1:
        soft = torch.log1p(torch.exp(x))
        return down(torch.where(torch.gt(x, threshold), x, soft), self)
    scaled = x * beta
    soft = torch.log1p(torch.exp(scaled)) / beta
    return down(torch.where(torch.gt(scaled, threshold), x, soft), self)

# The second result is scratch space of the backward pass.
def log_sigmoid_forward(self: Tensor) -> Tuple[Tensor, Optional[Tensor]]:
    x = up(self)
    zero = torch.full([], 0, dtype=x.dtype, device=x.device)
    result = torch.minimum(zero, x) - torch.log1p(torch.exp(torch.neg(torch.abs(x))))
    return down(result, self), None

def glu(self: Tensor, dim: int) -> Tensor:
    x = up(self)
    d = rule.dim_of(self, dim)
    n = x.size(d)
    half = n // 2
    a = torch.slice(x, d, 0, half)
    b = torch.slice(x, d, half, n)
    return down(a * torch.sigmoid(b), self)

def threshold(self: Tensor, threshold: number, value: number) -> Tensor:
    fill = torch.le(self, threshold)
    return torch.where(fill, torch.scalar_tensor(value, dtype=self.dtype, device=self.device), self)

def hardshrink(self: Tensor, lambd: number) -> Tensor:
    small = torch.le(torch.abs(self), lambd)
    return torch.where(small, torch.scalar_tensor(0, dtype=self.dtype, device=self.device), self)

def softshrink(self: Tensor, lambd: number) -> Tensor:
    x = up(self)
    outside = torch.gt(torch.abs(x), lambd)
    return down(torch.where(outside, x - torch.sign(x) * lambd, x * 0), self)

def _prelu_kernel(self: Tensor, weight: Tensor) -> Tensor:
    return torch.where(self > 0, self, weight * self)
)PY";

}  // namespace tx::decomp
