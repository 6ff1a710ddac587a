// Reductions.
#include "decomp/rules/families.h"

namespace tx::decomp {

const std::string_view kReduction = R"PY(
def sum(self: Tensor, dtype: Optional[int]) -> Tensor:
    no_dims: List[int] = []
    return torch.sum(self, no_dims, dtype=dtype)

def all(self: Tensor) -> Tensor:
    no_dims: Optional[List[int]] = None
    return down_to_bool(torch.logical_not(torch.any(torch.logical_not(self), no_dims)), self)

def all__dim(self: Tensor, dim: int, keepdim: bool) -> Tensor:
    return down_to_bool(torch.logical_not(torch.any(torch.logical_not(self), dim, keepdim)), self)

def all__dims(self: Tensor, dim: Optional[List[int]], keepdim: bool) -> Tensor:
    return down_to_bool(torch.logical_not(torch.any(torch.logical_not(self), dim, keepdim)), self)

# all() of bytes is a byte.
def down_to_bool(x: Tensor, like: Tensor) -> Tensor:
    if like.dtype == torch.uint8:
        return torch.to(x, torch.uint8)
    return x

def aminmax(self: Tensor, dim: Optional[int], keepdim: bool) -> Tuple[Tensor, Tensor]:
    dims: List[int] = []
    if dim is not None:
        dims = [dim]
    return torch.amin(self, dims, keepdim), torch.amax(self, dims, keepdim)

def count_nonzero(self: Tensor, dim: Optional[int]) -> Tensor:
    dims: Optional[List[int]] = None
    if dim is not None:
        dims = [dim]
    return torch.sum(torch.ne(self, 0), dims)

def count_nonzero__dim_IntList(self: Tensor, dim: List[int]) -> Tensor:
    return torch.sum(torch.ne(self, 0), dim)

def logsumexp(self: Tensor, dim: List[int], keepdim: bool) -> Optional[Tensor]:
    if self.is_complex():
        return None
    x = up_to_float(self)
    if rule.known(self, self.numel() == 0):
        return down_to_float(torch.log(torch.sum(torch.exp(x), dim, keepdim)), self)
    largest = torch.amax(with_elements(x, dims_or_all(self, dim)), dim, True)
    # Infinities would make NaNs of their difference.
    largest = torch.where(torch.eq(torch.abs(largest), float("inf")), 0.0, largest)
    shift = largest if keepdim else torch.squeeze(largest, dims_or_all(self, dim))
    total = torch.sum(torch.exp(x - largest), dim, keepdim)
    return down_to_float(torch.log(total) + shift, self)

# The largest element of a dimension that may be empty is -inf.
def with_elements(x: Tensor, dims: List[int]) -> Tensor:
    for dim in dims:
        if x.dim() > 0 and not rule.always(x, x.size(dim) > 0):
            d = rule.dim_of(x, dim)
            pad: List[int] = []
            for i in range(x.dim() - d - 1):
                pad.append(0)
                pad.append(0)
            x = torch.constant_pad_nd(x, pad + [0, 1], -float("inf"))
    return x

def dims_or_all(x: Tensor, dims: List[int]) -> List[int]:
    return dims if len(dims) > 0 else rule.dims(x)

def nansum(self: Tensor, dim: Optional[List[int]], keepdim: bool, dtype: Optional[int]) -> Tensor:
    return torch.sum(torch.where(torch.isnan(self), 0, self), dim, keepdim, dtype=dtype)

def norm__Scalar(self: Tensor, p: number) -> Tensor:
    return torch.linalg_vector_norm(self, p)

def norm__ScalarOpt_dtype(self: Tensor, p: Optional[number], dtype: int) -> Tensor:
    return torch.linalg_vector_norm(self, 2 if p is None else p, dtype=dtype)

def norm__ScalarOpt_dim(self: Tensor, p: Optional[number], dim: List[int], keepdim: bool) -> Tensor:
    dims: Optional[List[int]] = dim
    if len(dim) == 0:
        dims = None
    return torch.linalg_vector_norm(self, 2 if p is None else p, dims, keepdim)

def norm__ScalarOpt_dim_dtype(self: Tensor, p: Optional[number], dim: List[int], keepdim: bool, dtype: int) -> Tensor:
    dims: Optional[List[int]] = dim
    if len(dim) == 0:
        dims = None
    return torch.linalg_vector_norm(self, 2 if p is None else p, dims, keepdim, dtype=dtype)

def std__correction(self: Tensor, dim: Optional[List[int]], correction: Optional[number], keepdim: bool) -> Tensor:
    # The root is taken before the variance is rounded to half precision.
    variance = torch.var(up(self), dim, correction=correction, keepdim=keepdim)
    return down_to_half(torch.sqrt(variance), self)

def std_mean__correction(self: Tensor, dim: Optional[List[int]], correction: Optional[number], keepdim: bool) -> Tuple[Tensor, Tensor]:
    variance, mean = torch.var_mean(up(self), dim, correction=correction, keepdim=keepdim)
    return down_to_half(torch.sqrt(variance), self), down(mean, self)
)PY";

}  // namespace tx::decomp
