// Tensors made from sizes and numbers.
#include "decomp/rules/families.h"

namespace tx::decomp {

const std::string_view kCreation = R"PY(
def arange(end: number, dtype: Optional[int], layout: Optional[int], device: Optional[Device], pin_memory: Optional[bool]) -> Tensor:
    return torch.arange(0, end, 1, dtype=dtype, layout=layout, device=device, pin_memory=pin_memory)

def arange__start(start: number, end: number, dtype: Optional[int], layout: Optional[int], device: Optional[Device], pin_memory: Optional[bool]) -> Tensor:
    return torch.arange(start, end, 1, dtype=dtype, layout=layout, device=device, pin_memory=pin_memory)

def zeros(size: List[int], dtype: Optional[int], layout: Optional[int], device: Optional[Device], pin_memory: Optional[bool]) -> Tensor:
    return torch.full(size, 0, dtype=dtype_or(dtype, torch.float), layout=layout, device=device, pin_memory=pin_memory)

def ones(size: List[int], dtype: Optional[int], layout: Optional[int], device: Optional[Device], pin_memory: Optional[bool]) -> Tensor:
    return torch.full(size, 1, dtype=dtype_or(dtype, torch.float), layout=layout, device=device, pin_memory=pin_memory)

def zeros_like(self: Tensor, dtype: Optional[int], layout: Optional[int], device: Optional[Device], pin_memory: Optional[bool], memory_format: Optional[int]) -> Tensor:
    return torch.full_like(self, 0, dtype=dtype, layout=layout, device=device, pin_memory=pin_memory, memory_format=memory_format)

def ones_like(self: Tensor, dtype: Optional[int], layout: Optional[int], device: Optional[Device], pin_memory: Optional[bool], memory_format: Optional[int]) -> Tensor:
    return torch.full_like(self, 1, dtype=dtype, layout=layout, device=device, pin_memory=pin_memory, memory_format=memory_format)

def new_zeros(self: Tensor, size: List[int], dtype: Optional[int], layout: Optional[int], device: Optional[Device], pin_memory: Optional[bool]) -> Tensor:
    return torch.full(size, 0, dtype=dtype_or(dtype, self.dtype), layout=layout, device=device_or(device, self), pin_memory=pin_memory)

def new_ones(self: Tensor, size: List[int], dtype: Optional[int], layout: Optional[int], device: Optional[Device], pin_memory: Optional[bool]) -> Tensor:
    return torch.full(size, 1, dtype=dtype_or(dtype, self.dtype), layout=layout, device=device_or(device, self), pin_memory=pin_memory)

def new_full(self: Tensor, size: List[int], fill_value: number, dtype: Optional[int], layout: Optional[int], device: Optional[Device], pin_memory: Optional[bool]) -> Tensor:
    return torch.full(size, fill_value, dtype=dtype_or(dtype, self.dtype), layout=layout, device=device_or(device, self), pin_memory=pin_memory)

def new_empty(self: Tensor, size: List[int], dtype: Optional[int], layout: Optional[int], device: Optional[Device], pin_memory: Optional[bool]) -> Tensor:
    return torch.empty(size, dtype=dtype_or(dtype, self.dtype), layout=layout, device=device_or(device, self), pin_memory=pin_memory)

def empty_like(self: Tensor, dtype: Optional[int], layout: Optional[int], device: Optional[Device], pin_memory: Optional[bool], memory_format: Optional[int]) -> Optional[Tensor]:
    order = all_dims(self)
    if memory_format is None or memory_format == 1:
        order = rule.layout_order(self)
    elif memory_format != 0:
        return None
    return torch.empty_permuted(self.size(), order, dtype=dtype_or(dtype, self.dtype), layout=layout, device=device_or(device, self), pin_memory=pin_memory)

def device_or(device: Optional[Device], like: Tensor) -> Device:
    if device is None:
        return like.device
    return device

def fill__Scalar(self: Tensor, value: number) -> Tensor:
    return torch.full_like(self, value)

def fill__Tensor(self: Tensor, value: Tensor) -> Tensor:
    return torch.copy(self, value)

def zero(self: Tensor) -> Tensor:
    return torch.full_like(self, 0)

def eye(n: int, dtype: Optional[int], layout: Optional[int], device: Optional[Device], pin_memory: Optional[bool]) -> Tensor:
    return torch.eye(n, n, dtype=dtype, layout=layout, device=device, pin_memory=pin_memory)

def eye__m(n: int, m: int, dtype: Optional[int], layout: Optional[int], device: Optional[Device], pin_memory: Optional[bool]) -> Tensor:
    rows = torch.arange(0, n, device=device)
    columns = torch.arange(0, m, device=device)
    same = torch.eq(torch.unsqueeze(rows, -1), columns)
    return torch.to(same, dtype_or(dtype, torch.float))

# From both ends to the middle, so that both end points are exact.
def evenly_spaced(start: number, end: number, steps: int, dtype: int, device: Optional[Device]) -> Tensor:
    if rule.is_floating_point(dtype):
        compute = dtype if dtype == torch.double else torch.float
        return torch.to(spaced(float(start), float(end), steps, compute, device), dtype)
    return torch.to(torch.trunc(spaced(float(start), float(end), steps, torch.double, device)), dtype)

def spaced(start: float, end: float, steps: int, dtype: int, device: Optional[Device]) -> Tensor:
    if steps == 1:
        return torch.full([1], start, dtype=dtype, device=device)
    position = torch.arange(0, steps, device=device)
    step = (end - start) / (steps - 1)
    first_half = torch.lt(position, steps / 2)
    from_start = torch.to(position, dtype) * step + start
    from_end = rule.sub(end, torch.to(rule.sub(steps - 1, position), dtype) * step)
    return torch.where(first_half, from_start, from_end)

def linspace(start: number, end: number, steps: int, dtype: Optional[int], layout: Optional[int], device: Optional[Device], pin_memory: Optional[bool]) -> Tensor:
    return evenly_spaced(start, end, steps, dtype_or(dtype, torch.float), device)

def logspace(start: number, end: number, steps: int, base: float, dtype: Optional[int], layout: Optional[int], device: Optional[Device], pin_memory: Optional[bool]) -> Optional[Tensor]:
    result = dtype_or(dtype, torch.float)
    if not rule.is_floating_point(result):
        return None
    exponents = evenly_spaced(start, end, steps, torch.double, device)
    return torch.to(torch.pow(base, exponents), result)

def hann_window(window_length: int, dtype: Optional[int], layout: Optional[int], device: Optional[Device], pin_memory: Optional[bool]) -> Tensor:
    return torch.hann_window(window_length, True, dtype=dtype, layout=layout, device=device, pin_memory=pin_memory)

def hann_window__periodic(window_length: int, periodic: bool, dtype: Optional[int], layout: Optional[int], device: Optional[Device], pin_memory: Optional[bool]) -> Tensor:
    result = dtype_or(dtype, torch.float)
    if window_length <= 1:
        return torch.full([window_length], 1, dtype=result, device=device)
    n = window_length + 1 if periodic else window_length
    angle = torch.arange(0, n, 1, dtype=result, device=device) * (6.283185307179586 / (n - 1))
    window = torch.cos(angle) * -0.5 + 0.5
    return torch.slice(window, 0, 0, window_length) if periodic else window

def bernoulli(self: Tensor, generator: Optional[Generator]) -> Optional[Tensor]:
    if generator is not None:
        return None
    random = torch.rand(self.size(), dtype=torch.float, device=self.device)
    return torch.to(torch.lt(random, self), self.dtype)
)PY";

}  // namespace tx::decomp
