// Views, and what only moves elements.
#include "decomp/rules/families.h"

namespace tx::decomp {

const std::string_view kViews = R"PY(
def t(self: Tensor) -> Tensor:
    if self.dim() < 2:
        return torch.alias(self)
    return torch.transpose(self, 0, 1)

def transpose__int(self: Tensor, dim0: int, dim1: int) -> Tensor:
    order = rule.dims(self)
    if len(order) == 0:
        return torch.alias(self)
    a = rule.dim_of(self, dim0)
    b = rule.dim_of(self, dim1)
    order[a] = b
    order[b] = a
    return torch.permute(self, order)

def detach(self: Tensor) -> Tensor:
    return torch.alias(self)

def _unsafe_view(self: Tensor, size: List[int]) -> Tensor:
    return torch.view(self, size)

# Made by LibTorch's kernels for `reshape` where a view is possible.
def _reshape_alias(self: Tensor, size: List[int], stride: List[int]) -> Tensor:
    return torch.view(self, size)

def squeeze(self: Tensor) -> Tensor:
    dims: List[int] = []
    for i in range(self.dim()):
        if self.size(i) == 1:
            dims.append(i)
    return torch.squeeze(self, dims)

def squeeze__dim(self: Tensor, dim: int) -> Tensor:
    return torch.squeeze(self, [dim])

def unbind__int(self: Tensor, dim: int) -> List[Tensor]:
    d = rule.dim_of(self, dim)
    parts: List[Tensor] = []
    for i in range(self.size(d)):
        parts.append(torch.squeeze(torch.slice(self, d, i, i + 1), [d]))
    return parts

def split__Tensor(self: Tensor, split_size: int, dim: int) -> List[Tensor]:
    return torch.split_with_sizes(self, split_sizes(self.size(rule.dim_of(self, dim)), split_size), dim)

def unsafe_split__Tensor(self: Tensor, split_size: int, dim: int) -> List[Tensor]:
    return torch.split_with_sizes(self, split_sizes(self.size(rule.dim_of(self, dim)), split_size), dim)

def unsafe_split_with_sizes(self: Tensor, split_sizes: List[int], dim: int) -> List[Tensor]:
    return torch.split_with_sizes(self, split_sizes, dim)

def stack(tensors: List[Tensor], dim: int) -> Tensor:
    first = tensors[0]
    rank = first.dim()
    d = dim
    if d < 0:
        d = d + rank + 1
    if d == rank:
        longer: List[Tensor] = []
        for x in tensors:
            longer.append(torch.unsqueeze(x, d))
        return torch.cat(longer, d)
    sizes: List[int] = []
    for i in range(rank):
        if i == d:
            sizes.append(len(tensors))
        sizes.append(first.size(i))
    return torch.view(torch.cat(tensors, d), sizes)

def roll(self: Tensor, shifts: List[int], dims: List[int]) -> Optional[Tensor]:
    if self.dim() == 0 or rule.known(self, self.numel() == 0):
        return torch.clone(self)
    if len(dims) == 0:
        flat = torch.roll(torch.flatten(self), shifts, [0])
        return torch.view(flat, self.size())
    x = self
    for i in range(len(dims)):
        n = x.size(dims[i])
        if rule.is_symbolic(x, n):
            # The remainder is taken in the tensor, which may be empty when the program runs.
            index = torch.remainder(range_of(n, x) - shifts[i], n)
        else:
            index = torch.fmod(torch.add(range_of(n, x), (n - shifts[i] % n) % n), n)
        x = torch.index_select(x, dims[i], index)
    return x

def rot90(self: Tensor, k: int, dims: List[int]) -> Tensor:
    turns = k % 4
    if turns == 1:
        return torch.transpose(torch.flip(self, [dims[1]]), dims[0], dims[1])
    if turns == 2:
        return torch.flip(self, dims)
    if turns == 3:
        return torch.transpose(torch.flip(self, [dims[0]]), dims[0], dims[1])
    return torch.clone(self, memory_format=0)

def channel_shuffle(self: Tensor, groups: int) -> Tensor:
    c = self.size(1)
    sizes = [self.size(0), groups, c // groups]
    order = [0, 2, 1]
    for i in range(2, self.dim()):
        sizes.append(self.size(i))
        order.append(i + 1)
    return torch.reshape(torch.permute(torch.view(self, sizes), order), self.size())

def pixel_shuffle(self: Tensor, upscale_factor: int) -> Tensor:
    r = upscale_factor
    batch = self.size()[:-3]
    b = len(batch)
    c = self.size(-3) // (r * r)
    h = self.size(-2)
    w = self.size(-1)
    order = rule.dims(self)[:-3] + [b, b + 3, b + 1, b + 4, b + 2]
    split = torch.view(self, batch + [c, r, r, h, w])
    result = torch.reshape(torch.permute(split, order), batch + [c, h * r, w * r])
    return torch.clone(result, memory_format=0)

def pixel_unshuffle(self: Tensor, downscale_factor: int) -> Optional[Tensor]:
    # LibTorch's kernel gives an empty tensor back as it is, whatever its sizes.
    if rule.known(self, self.numel() == 0):
        return None
    r = downscale_factor
    batch = self.size()[:-3]
    b = len(batch)
    c = self.size(-3)
    h = self.size(-2) // r
    w = self.size(-1) // r
    order = rule.dims(self)[:-3] + [b, b + 2, b + 4, b + 1, b + 3]
    split = torch.view(self, batch + [c, h, r, w, r])
    result = torch.reshape(torch.permute(split, order), batch + [c * r * r, h, w])
    return torch.clone(result, memory_format=0)

def diag_embed(self: Tensor, offset: int, dim1: int, dim2: int) -> Tensor:
    rank = self.dim() + 1
    a = dim1 if dim1 >= 0 else dim1 + rank
    b = dim2 if dim2 >= 0 else dim2 + rank
    shift = offset
    if a > b:
        a, b = b, a
        shift = -offset
    n = self.size(-1) + abs(shift)
    x = self
    if shift > 0:
        x = torch.cat([torch.new_zeros(x, x.size()[:-1] + [shift]), x], -1)
    elif shift < 0:
        x = torch.cat([x, torch.new_zeros(x, x.size()[:-1] + [-shift])], -1)
    x = torch.movedim(torch.unsqueeze(x, a), -1, b)
    row = range_of(n, x)
    column = torch.add(range_of(n, x), shift) if shift != 0 else range_of(n, x)
    diagonal = torch.eq(row, torch.unsqueeze(column, -1))
    sizes: List[int] = []
    for i in range(rank):
        sizes.append(n if i == a or i == b else 1)
    diagonal = torch.view(diagonal, sizes)
    if self.dtype == torch.bool:
        return torch.logical_and(diagonal, x)
    return torch.where(diagonal, x, 0)

# Positions at, above or below a diagonal: column - row.
def column_minus_row(x: Tensor) -> Tensor:
    columns = torch.unsqueeze(torch.arange(0, x.size(-1), device=x.device), -2)
    rows = torch.unsqueeze(torch.arange(0, x.size(-2), device=x.device), -1)
    return torch.sub(columns, rows)

def tril(self: Tensor, diagonal: int) -> Tensor:
    mask = torch.le(column_minus_row(self), diagonal)
    if self.dtype == torch.bool:
        return torch.logical_and(mask, self)
    return torch.where(mask, self, 0)

def triu(self: Tensor, diagonal: int) -> Tensor:
    mask = torch.ge(column_minus_row(self), diagonal)
    if self.dtype == torch.bool:
        return torch.logical_and(mask, self)
    return torch.where(mask, self, 0)

# Each tensor is cut into `num_chunks` parts along a dimension, the last one filled up with zeros.
def _chunk_cat(tensors: List[Tensor], dim: int, num_chunks: int) -> Tensor:
    parts: List[Tensor] = []
    d = rule.dim_of(tensors[0], dim)
    for x in tensors:
        n = x.size(d)
        filled = (n + num_chunks - 1) // num_chunks * num_chunks
        pad: List[int] = []
        for i in range(x.dim() - d - 1):
            pad.append(0)
            pad.append(0)
        if not rule.known(x, filled == n):
            x = torch.constant_pad_nd(x, pad + [0, filled - n], 0)
        rest = filled // num_chunks * product(x.size()[d + 1:])
        parts.append(torch.reshape(x, x.size()[:d] + [num_chunks, rest]))
    return torch.cat(parts, d + 1)

def block_diag(tensors: List[Tensor]) -> Tensor:
    columns = 0
    dtype = tensors[0].dtype
    for x in tensors:
        columns = columns + (x.size(-1) if x.dim() > 0 else 1)
        dtype = torch.promote_types(dtype, x.dtype)
    rows: List[Tensor] = []
    before = 0
    for x in tensors:
        matrix = torch.to(torch.atleast_2d(x), dtype)
        after = columns - before - matrix.size(1)
        rows.append(torch.constant_pad_nd(matrix, [before, after], 0))
        before = before + matrix.size(1)
    return torch.cat(rows, 0)

def alias_copy(self: Tensor) -> Tensor:
    return torch.clone(self)

def detach_copy(self: Tensor) -> Tensor:
    return torch.clone(self)

def diagonal_copy(self: Tensor, offset: int, dim1: int, dim2: int) -> Tensor:
    return torch.clone(torch.diagonal(self, offset, dim1, dim2), memory_format=0)

def expand_copy(self: Tensor, size: List[int], implicit: bool) -> Tensor:
    return torch.clone(torch.expand(self, size, implicit=implicit), memory_format=0)

def permute_copy(self: Tensor, dims: List[int]) -> Tensor:
    return torch.clone(torch.permute(self, dims), memory_format=0)

def slice_copy__Tensor(self: Tensor, dim: int, start: Optional[int], end: Optional[int], step: int) -> Tensor:
    return torch.clone(torch.slice(self, dim, start, end, step), memory_format=0)

def select_copy__int(self: Tensor, dim: int, index: int) -> Tensor:
    return torch.clone(torch.select(self, dim, index), memory_format=0)

def squeeze_copy(self: Tensor) -> Tensor:
    return torch.clone(torch.squeeze(self), memory_format=0)

def squeeze_copy__dim(self: Tensor, dim: int) -> Tensor:
    return torch.clone(torch.squeeze(self, dim), memory_format=0)

def squeeze_copy__dims(self: Tensor, dim: List[int]) -> Tensor:
    return torch.clone(torch.squeeze(self, dim), memory_format=0)

def t_copy(self: Tensor) -> Tensor:
    return torch.clone(torch.t(self), memory_format=0)

def transpose_copy__int(self: Tensor, dim0: int, dim1: int) -> Tensor:
    return torch.clone(torch.transpose(self, dim0, dim1), memory_format=0)

def unfold_copy(self: Tensor, dimension: int, size: int, step: int) -> Tensor:
    return torch.clone(torch.unfold(self, dimension, size, step), memory_format=0)

def unsqueeze_copy(self: Tensor, dim: int) -> Tensor:
    return torch.clone(torch.unsqueeze(self, dim), memory_format=0)

def view_copy(self: Tensor, size: List[int]) -> Tensor:
    return torch.clone(torch.view(self, size), memory_format=0)

def split_with_sizes_copy(self: Tensor, split_sizes: List[int], dim: int) -> List[Tensor]:
    parts: List[Tensor] = []
    for part in torch.split_with_sizes(self, split_sizes, dim):
        parts.append(torch.clone(part, memory_format=0))
    return parts
)PY";

}  // namespace tx::decomp
