// What several rules call.
#include "decomp/rules/families.h"

namespace tx::decomp {

const std::string_view kCommon = R"PY(
# Half precision is computed in single precision, as LibTorch's kernels do.
def up(x: Tensor) -> Tensor:
    if x.dtype == torch.half or x.dtype == torch.bfloat16:
        return torch.to(x, torch.float)
    return x

# The same for an operator whose result is always floating point.
def up_to_float(x: Tensor) -> Tensor:
    if not x.is_floating_point() and not x.is_complex():
        return torch.to(x, torch.float)
    return up(x)

# A result in the dtype that the operator gives for `like`.
def down(x: Tensor, like: Tensor) -> Tensor:
    if x.dtype == like.dtype:
        return x
    return torch.to(x, like.dtype)

# The same for a result that is real where `like` is complex.
def down_to_half(x: Tensor, like: Tensor) -> Tensor:
    if like.dtype == torch.half or like.dtype == torch.bfloat16:
        return torch.to(x, like.dtype)
    return x

# The same for an operator of two tensors.
def down_to_common(x: Tensor, a: Tensor, b: Tensor) -> Tensor:
    dtype = torch.result_type(a, b)
    if dtype == torch.half or dtype == torch.bfloat16:
        return torch.to(x, dtype)
    return x

def down_to_float(x: Tensor, like: Tensor) -> Tensor:
    if not like.is_floating_point() and not like.is_complex():
        return x
    return down(x, like)

# 0: the values, 1: their mean, 2: their sum.
def reduce(x: Tensor, reduction: int) -> Tensor:
    if reduction == 1:
        return torch.mean(x)
    if reduction == 2:
        return torch.sum(x)
    return x

def dtype_or(dtype: Optional[int], otherwise: int) -> int:
    if dtype is None:
        return otherwise
    return dtype

# n[dim] = index, nothing in the other dimensions.
def index_along(x: Tensor, dim: int, index: Tensor) -> Tensor:
    indices: List[Optional[Tensor]] = []
    for i in range(x.dim()):
        if i == dim:
            indices.append(index)
        else:
            indices.append(None)
    return torch.index(x, indices)

def range_of(n: int, like: Tensor) -> Tensor:
    return torch.arange(0, n, 1, dtype=torch.long, device=like.device)

# A number as a tensor without dimensions, so that it does not promote `like`'s dtype.
def scalar_like(value: number, like: Tensor) -> Tensor:
    if like.is_floating_point():
        return torch.scalar_tensor(value, dtype=like.dtype, device=like.device)
    return torch.scalar_tensor(value, device=like.device)

# The sizes of equal parts; the last one is what is left.
def split_sizes(n: int, size: int) -> List[int]:
    sizes: List[int] = []
    if size == 0:
        return [n]
    for i in range(max((n + size - 1) // size, 1) - 1):
        sizes.append(size)
    sizes.append(n - len(sizes) * size)
    return sizes

def product(sizes: List[int]) -> int:
    result = 1
    for size in sizes:
        result = result * size
    return result
)PY";

}  // namespace tx::decomp
