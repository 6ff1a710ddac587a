// Element by element.
#include "decomp/rules/families.h"

namespace tx::decomp {

const std::string_view kElementwise = R"PY(
def rsub__Tensor(self: Tensor, other: Tensor, alpha: number) -> Tensor:
    return torch.sub(other, self, alpha=alpha)

def rsub__Scalar(self: Tensor, other: number, alpha: number) -> Tensor:
    scaled = self if alpha == 1 else self * alpha
    return rule.sub(other, scaled)

def floor_divide(self: Tensor, other: Tensor) -> Tensor:
    return torch.div(self, other, rounding_mode="floor")

def floor_divide__Scalar(self: Tensor, other: number) -> Tensor:
    return torch.div(self, other, rounding_mode="floor")

def frac(self: Tensor) -> Tensor:
    x = up(self)
    return down(x - torch.trunc(x), self)

def clamp_min(self: Tensor, min: number) -> Tensor:
    return torch.clamp(self, min)

def clamp_max(self: Tensor, max: number) -> Tensor:
    return torch.clamp(self, None, max)

def clamp_min__Tensor(self: Tensor, min: Tensor) -> Tensor:
    return torch.clamp(self, min)

def clamp_max__Tensor(self: Tensor, max: Tensor) -> Tensor:
    return torch.clamp(self, None, max)

def deg2rad(self: Tensor) -> Tensor:
    x = up_to_float(self)
    return down_to_float(x * 0.017453292519943295, self)

def rad2deg(self: Tensor) -> Tensor:
    x = up_to_float(self)
    return down_to_float(x * 57.29577951308232, self)

def addcmul(self: Tensor, tensor1: Tensor, tensor2: Tensor, value: number) -> Tensor:
    x = up(self) + up(tensor1) * value * up(tensor2)
    return down_to_common(x, self, tensor1 * tensor2)

def addcdiv(self: Tensor, tensor1: Tensor, tensor2: Tensor, value: number) -> Tensor:
    x = up(self) + up(tensor1) * value / up(tensor2)
    return down_to_common(x, self, tensor1 * tensor2)

def lerp__Scalar(self: Tensor, end: Tensor, weight: number) -> Tensor:
    w = torch.full([], weight, dtype=self.dtype, device=self.device)
    return torch.lerp(self, end, w)

def lerp__Tensor(self: Tensor, end: Tensor, weight: Tensor) -> Tensor:
    near_end = torch.ge(torch.abs(weight), 0.5)
    factor = torch.where(near_end, weight - 1, weight)
    base = torch.where(near_end, end, self)
    return factor * (end - self) + base

def heaviside(self: Tensor, values: Tensor) -> Tensor:
    zero = torch.eq(self, 0)
    negative = torch.logical_or(torch.lt(self, 0), torch.isnan(self))
    step = torch.where(negative, 0, 1)
    return torch.to(torch.where(zero, values, torch.to(step, values.dtype)), values.dtype)

def isneginf(self: Tensor) -> Tensor:
    if not self.is_floating_point():
        return torch.full_like(self, False, dtype=torch.bool)
    return torch.eq(self, -float("inf"))

def isposinf(self: Tensor) -> Tensor:
    if not self.is_floating_point():
        return torch.full_like(self, False, dtype=torch.bool)
    return torch.eq(self, float("inf"))

def logaddexp(self: Tensor, other: Tensor) -> Optional[Tensor]:
    if self.is_complex() or other.is_complex():
        return None
    x = up(self)
    y = up(other)
    larger = torch.ge(x, y)
    high = torch.where(larger, x, y)
    low = torch.where(larger, y, x)
    both_infinite = torch.logical_and(torch.isinf(x), torch.eq(x, y))
    soft = high + torch.log1p(torch.exp(low - high))
    return down_to_common(torch.where(both_infinite, x, soft), self, other)

def logaddexp2(self: Tensor, other: Tensor) -> Tensor:
    x = up(self)
    y = up(other)
    larger = torch.ge(x, y)
    high = torch.where(larger, x, y)
    low = torch.where(larger, y, x)
    both_infinite = torch.logical_and(torch.isinf(x), torch.eq(x, y))
    soft = high + torch.log1p(torch.exp2(low - high)) * 1.4426950408889634
    return down_to_common(torch.where(both_infinite, x, soft), self, other)

def logit(self: Tensor, eps: Optional[float]) -> Tensor:
    x = up_to_float(self)
    if eps is not None:
        low = eps
        high = 1 - eps
        below = torch.lt(x, low)
        above = torch.gt(x, high)
        x = torch.where(above, high, x)
        x = torch.where(below, low, x)
    return down_to_float(torch.log(x / rule.sub(1, x)), self)

def sgn(self: Tensor) -> Tensor:
    if self.is_complex():
        size = torch.abs(self)
        return torch.where(torch.eq(size, 0), 0, self / size)
    return torch.sign(self)

def sinc(self: Tensor) -> Tensor:
    x = up_to_float(self) * 3.141592653589793
    return down_to_float(torch.where(torch.eq(x, 0), 1, torch.sin(x) / x), self)

def special_entr(self: Tensor) -> Tensor:
    x = up_to_float(self)
    inside = torch.where(torch.gt(x, 0), torch.neg(x) * torch.log(x), torch.where(torch.eq(x, 0), 0, -float("inf")))
    return down_to_float(torch.where(torch.isnan(x), x, inside), self)

def special_xlog1py(self: Tensor, other: Tensor) -> Tensor:
    x = up_to_float(self)
    y = up_to_float(other)
    value = torch.where(torch.eq(x, 0), 0, x * torch.log1p(y))
    return down_to_common(torch.where(torch.isnan(y), float("nan"), value), self, other)

def special_xlog1py__other_scalar(self: Tensor, other: number) -> Tensor:
    return torch.special_xlog1py(self, scalar_like(other, self))

def special_xlog1py__self_scalar(self: number, other: Tensor) -> Tensor:
    return torch.special_xlog1py(scalar_like(self, other), other)

def xlogy__Tensor(self: Tensor, other: Tensor) -> Tensor:
    x = self
    y = other
    value = torch.where(torch.eq(x, 0), 0, x * torch.log(y))
    return torch.where(torch.isnan(y), float("nan"), value)

def xlogy__Scalar_Other(self: Tensor, other: number) -> Tensor:
    return torch.xlogy(self, scalar_like(other, self))

def xlogy__Scalar_Self(self: number, other: Tensor) -> Tensor:
    return torch.xlogy(scalar_like(self, other), other)

def nan_to_num(self: Tensor, nan: Optional[float], posinf: Optional[float], neginf: Optional[float]) -> Optional[Tensor]:
    if self.is_complex():
        return None
    if not self.is_floating_point():
        return torch.clone(self)
    at_nan = 0.0 if nan is None else nan
    at_inf = rule.highest(self.dtype) if posinf is None else posinf
    at_neginf = rule.lowest(self.dtype) if neginf is None else neginf
    x = torch.where(torch.isnan(self), at_nan, self)
    x = torch.where(torch.eq(self, -float("inf")), at_neginf, x)
    return torch.where(torch.eq(self, float("inf")), at_inf, x)

def special_log_ndtr(self: Tensor) -> Tensor:
    x = up_to_float(self)
    t = x * 0.7071067811865476
    low = torch.log(torch.special_erfcx(torch.neg(t)) / 2) - t * t
    high = torch.log1p(torch.neg(torch.erfc(t)) / 2)
    return down_to_float(torch.where(torch.lt(x, 1.0), low, high), self)

def mvlgamma(self: Tensor, p: int) -> Tensor:
    x = up_to_float(self)
    terms = torch.arange(0, p, 1, dtype=x.dtype, device=x.device) * -0.5
    total = torch.sum(torch.lgamma(torch.add(torch.unsqueeze(x, -1), terms)), [-1])
    return down_to_float(total + p * (p - 1) * 0.25 * 1.1447298858494002, self)
)PY";

}  // namespace tx::decomp
