// Reading and writing at places that a tensor holds.
#include "decomp/rules/families.h"

namespace tx::decomp {

const std::string_view kIndexing = R"PY(
def _unsafe_index__Tensor(self: Tensor, indices: List[Optional[Tensor]]) -> Tensor:
    return torch.index(self, indices)

def _unsafe_index_put(self: Tensor, indices: List[Optional[Tensor]], values: Tensor, accumulate: bool) -> Tensor:
    return torch.index_put(self, indices, values, accumulate)

def _unsafe_masked_index(self: Tensor, mask: Tensor, indices: List[Optional[Tensor]], fill: number) -> Tensor:
    safe: List[Optional[Tensor]] = []
    for i in range(len(indices)):
        index = indices[i]
        if index is None:
            safe.append(None)
        else:
            safe.append(torch.clamp(index, -self.size(i), self.size(i) - 1))
    return torch.masked_fill(torch.index(self, safe), torch.logical_not(mask), fill)

def _unsafe_masked_index_put_accumulate(self: Tensor, mask: Tensor, indices: List[Optional[Tensor]], values: Tensor) -> Tensor:
    if rule.known(self, self.numel() == 0):
        return torch.clone(self)
    safe: List[Optional[Tensor]] = []
    for i in range(len(indices)):
        index = indices[i]
        if index is None:
            safe.append(None)
        else:
            safe.append(torch.clamp(index, -self.size(i), self.size(i) - 1))
    counting = torch.masked_fill(values, torch.logical_not(mask), 0)
    return torch.index_put(self, safe, counting, True)

# The same without what only a backward pass reads.
def _embedding_bag_forward_only(weight: Tensor, indices: Tensor, offsets: Tensor, scale_grad_by_freq: bool, mode: int, sparse: bool, per_sample_weights: Optional[Tensor], include_last_offset: bool, padding_idx: int) -> Tuple[Tensor, Tensor, Tensor, Tensor]:
    return torch._embedding_bag(weight, indices, offsets, scale_grad_by_freq, mode, sparse, per_sample_weights, include_last_offset, padding_idx)

def masked_fill__Scalar(self: Tensor, mask: Tensor, value: number) -> Tensor:
    return torch.where(mask, torch.scalar_tensor(value, dtype=self.dtype, device=self.device), self)

def masked_fill__Tensor(self: Tensor, mask: Tensor, value: Tensor) -> Tensor:
    return torch.where(mask, down(value, self), self)

def index_add(self: Tensor, dim: int, index: Tensor, source: Tensor, alpha: number) -> Tensor:
    values = source
    if alpha != 1 and self.dtype != torch.bool:
        values = source * (alpha if self.is_floating_point() or self.is_complex() else int(alpha))
    if self.dim() == 0:
        at: List[Optional[Tensor]] = [index]
        x = torch.index_put(torch.unsqueeze(self, 0), at, values, True)
        return torch.squeeze(x, 0)
    return torch.index_put(self, places(self, dim, index), values, True)

def index_copy(self: Tensor, dim: int, index: Tensor, source: Tensor) -> Tensor:
    if self.dim() == 0:
        at: List[Optional[Tensor]] = [index]
        return torch.squeeze(torch.index_put(torch.unsqueeze(self, 0), at, source), 0)
    return torch.index_put(self, places(self, dim, index), source)

def index_fill__int_Scalar(self: Tensor, dim: int, index: Tensor, value: number) -> Tensor:
    fill = torch.scalar_tensor(value, dtype=self.dtype, device=self.device)
    return torch.index_fill(self, dim, index, fill)

def index_fill__int_Tensor(self: Tensor, dim: int, index: Tensor, value: Tensor) -> Tensor:
    if self.dim() == 0:
        at: List[Optional[Tensor]] = [index]
        filled = torch.index_put(torch.unsqueeze(self, 0), at, down(value, self))
        return torch.squeeze(filled, 0)
    d = rule.dim_of(self, dim)
    at_least_one = torch.unsqueeze(index, 0) if index.dim() == 0 else index
    sizes: List[int] = []
    for i in range(self.dim()):
        sizes.append(index.numel() if i == d else self.size(i))
    values = torch.expand(down(value, self), sizes)
    return torch.index_put(self, places(self, d, at_least_one), values)

# The indices of `x` with all of every dimension but one.
def places(x: Tensor, dim: int, index: Tensor) -> List[Optional[Tensor]]:
    indices: List[Optional[Tensor]] = []
    for i in range(rule.dim_of(x, dim)):
        indices.append(None)
    indices.append(index)
    return indices

def take(self: Tensor, index: Tensor) -> Tensor:
    at: List[Optional[Tensor]] = [index]
    return torch.index(torch.reshape(self, [-1]), at)

def isin__Tensor_Tensor(elements: Tensor, test_elements: Tensor, assume_unique: bool, invert: bool) -> Tensor:
    ones: List[int] = []
    for i in range(test_elements.dim()):
        ones.append(1)
    column = torch.view(elements, elements.size() + ones)
    dims: List[int] = []
    for i in range(test_elements.dim()):
        dims.append(-1 - i)
    same = torch.eq(column, test_elements)
    found = torch.any(same, dims) if len(dims) > 0 else same
    return torch.logical_not(found) if invert else found

def isin__Tensor_Scalar(elements: Tensor, test_element: number, assume_unique: bool, invert: bool) -> Tensor:
    if invert:
        return torch.ne(elements, test_element)
    return torch.eq(elements, test_element)

def isin__Scalar_Tensor(element: number, test_elements: Tensor, assume_unique: bool, invert: bool) -> Tensor:
    found = torch.any(torch.eq(test_elements, element))
    return torch.logical_not(found) if invert else found

def select_scatter(self: Tensor, src: Tensor, dim: int, index: int) -> Tensor:
    d = rule.dim_of(self, dim)
    at = index if index >= 0 else index + self.size(d)
    sizes: List[int] = []
    for i in range(self.dim()):
        sizes.append(-1 if i == d else 1)
    position = torch.view(torch.arange(0, self.size(d), device=self.device), sizes)
    row = torch.eq(position, at)
    return torch.where(row, torch.expand(torch.unsqueeze(src, d), self.size()), self)
)PY";

}  // namespace tx::decomp
