// Products of vectors and matrices.
#include "decomp/rules/families.h"

namespace tx::decomp {

const std::string_view kLinalg = R"PY(
def mv(self: Tensor, vec: Tensor) -> Tensor:
    return down(torch.sum(up(self) * up(vec), [1]), self)

def dot(self: Tensor, tensor: Tensor) -> Tensor:
    return down(torch.sum(up(self) * up(tensor)), self)

def vdot(self: Tensor, other: Tensor) -> Tensor:
    if self.is_complex():
        return torch.dot(torch.conj_physical(self), other)
    return torch.dot(self, other)

def baddbmm(self: Tensor, batch1: Tensor, batch2: Tensor, beta: number, alpha: number) -> Tensor:
    if not self.is_floating_point() and not self.is_complex():
        return add_scaled(self, torch.bmm(batch1, batch2), int(beta), int(alpha))
    # The sum is made before the result is rounded to half precision.
    return down(add_scaled(up(self), torch.bmm(up(batch1), up(batch2)), beta, alpha), self)

def addr(self: Tensor, vec1: Tensor, vec2: Tensor, beta: number, alpha: number) -> Tensor:
    outer = torch.unsqueeze(up(vec1), -1) * up(vec2)
    common = torch.promote_types(self.dtype, torch.promote_types(vec1.dtype, vec2.dtype))
    if common == torch.bool:
        return torch.logical_or(self, outer) if beta != 0 else outer
    result = add_scaled(up(self), outer, beta, alpha)
    return result if result.dtype == common else torch.to(result, common)

# beta * x + alpha * y; with beta 0 nothing of x counts, not even its NaNs.
def add_scaled(x: Tensor, y: Tensor, beta: number, alpha: number) -> Tensor:
    scaled = y
    if alpha != 1:
        scaled = y * alpha
    if beta == 0:
        return scaled
    if beta == 1:
        return x + scaled
    return x * beta + scaled

def linalg_cross(self: Tensor, other: Tensor, dim: int) -> Tensor:
    place = torch.arange(0, 3, device=self.device)
    return turned(self, dim, place, 1) * turned(other, dim, place, 2) - turned(self, dim, place, 2) * turned(other, dim, place, 1)

def turned(x: Tensor, dim: int, place: Tensor, by: int) -> Tensor:
    return torch.index_select(x, dim, torch.remainder(place + by, 3))

def trace(self: Tensor) -> Tensor:
    return torch.sum(torch.diagonal(self))

def _euclidean_dist(x1: Tensor, x2: Tensor) -> Tensor:
    x1_norm = torch.sum(torch.pow(x1, 2), [-1], True)
    x2_norm = torch.sum(torch.pow(x2, 2), [-1], True)
    left = torch.cat([x1 * -2, x1_norm, torch.ones_like(x1_norm, memory_format=0)], -1)
    right = torch.cat([x2, torch.ones_like(x2_norm, memory_format=0), x2_norm], -1)
    return torch.sqrt(torch.clamp_min(torch.matmul(left, torch.transpose(right, -2, -1)), 0))
)PY";

}  // namespace tx::decomp
