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

def empty_like(self: Tensor, dtype: Optional[int], layout: Optional[int], device: Optional[Device], pin_memory: Optional[bool], memory_format: Optional[int]) -> Tensor:
    order = rule.dims(self)
    if memory_format is None or memory_format == 1:
        order = rule.layout_order(self)
    elif memory_format != 0:
        return torch.empty(self.size(), dtype=dtype_or(dtype, self.dtype), layout=layout, device=device_or(device, self), pin_memory=pin_memory, memory_format=memory_format)
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
    whole = spaced(float(int(start)), float(int(end)), steps, torch.double, device)
    return torch.to(torch.trunc(whole), dtype)

def spaced(start: float, end: float, steps: int, dtype: int, device: Optional[Device]) -> Tensor:
    position = torch.arange(0, steps, device=device)
    if rule.known(position, steps == 1):
        return torch.full([1], start, dtype=dtype, device=device)
    # One position alone is the start, whatever the step.
    step = (end - start) / max(steps - 1, 1)
    first_half = before_middle(position, steps)
    from_start = torch.to(position, dtype) * step + start
    from_end = rule.sub(end, torch.to(rule.sub(steps - 1, position), dtype) * step)
    return torch.where(first_half, from_start, from_end)

def before_middle(position: Tensor, steps: int) -> Tensor:
    if rule.is_symbolic(position, steps):
        return torch.lt(position, (steps + 1) // 2)
    return torch.lt(position, steps / 2)

def linspace(start: number, end: number, steps: int, dtype: Optional[int], layout: Optional[int], device: Optional[Device], pin_memory: Optional[bool]) -> Optional[Tensor]:
    result = dtype_or(dtype, torch.float)
    if rule.is_complex(result):
        return None
    return evenly_spaced(start, end, steps, result, device)

# The same between ends that tensors hold.
def linspace__Tensor_Tensor(start: Tensor, end: Tensor, steps: int, dtype: Optional[int], layout: Optional[int], device: Optional[Device], pin_memory: Optional[bool]) -> Optional[Tensor]:
    result = dtype_or(dtype, torch.float)
    if start.is_complex() or end.is_complex() or rule.is_complex(result):
        return None
    if rule.is_floating_point(result):
        compute = result if result == torch.double else torch.float
        return torch.to(spaced_between(start, end, steps, compute, device), result)
    whole = spaced_between(torch.trunc(start), torch.trunc(end), steps, torch.double, device)
    return torch.to(torch.trunc(whole), result)

def spaced_between(start: Tensor, end: Tensor, steps: int, dtype: int, device: Optional[Device]) -> Tensor:
    first = torch.to(start, torch.double)
    last = torch.to(end, torch.double)
    position = torch.arange(0, steps, device=device)
    step = (last - first) / max(steps - 1, 1)
    first_half = before_middle(position, steps)
    from_start = torch.add(first, torch.mul(step, torch.to(position, dtype)))
    from_end = torch.sub(last, torch.mul(step, torch.to(rule.sub(steps - 1, position), dtype)))
    return torch.where(first_half, from_start, from_end)

def linspace__Scalar_Tensor(start: number, end: Tensor, steps: int, dtype: Optional[int], layout: Optional[int], device: Optional[Device], pin_memory: Optional[bool]) -> Tensor:
    first = torch.scalar_tensor(start, dtype=torch.double)
    return torch.linspace(first, end, steps, dtype=dtype, layout=layout, device=device, pin_memory=pin_memory)

def linspace__Tensor_Scalar(start: Tensor, end: number, steps: int, dtype: Optional[int], layout: Optional[int], device: Optional[Device], pin_memory: Optional[bool]) -> Tensor:
    last = torch.scalar_tensor(end, dtype=torch.double)
    return torch.linspace(start, last, steps, dtype=dtype, layout=layout, device=device, pin_memory=pin_memory)

def logspace(start: number, end: number, steps: int, base: float, dtype: Optional[int], layout: Optional[int], device: Optional[Device], pin_memory: Optional[bool]) -> Optional[Tensor]:
    result = dtype_or(dtype, torch.float)
    if rule.is_complex(result):
        return None
    if rule.is_floating_point(result):
        return torch.to(torch.pow(base, evenly_spaced(start, end, steps, torch.double, device)), result)
    whole = evenly_spaced(int(start), int(end), steps, torch.double, device)
    return torch.to(torch.pow(base, whole), result)

def logspace__Tensor_Tensor(start: Tensor, end: Tensor, steps: int, base: float, dtype: Optional[int], layout: Optional[int], device: Optional[Device], pin_memory: Optional[bool]) -> Optional[Tensor]:
    result = dtype_or(dtype, torch.float)
    if start.is_complex() or end.is_complex() or rule.is_complex(result):
        return None
    if rule.is_floating_point(result):
        return torch.to(torch.pow(base, spaced_between(start, end, steps, torch.double, device)), result)
    whole = spaced_between(torch.trunc(start), torch.trunc(end), steps, torch.double, device)
    return torch.to(torch.pow(base, whole), result)

def logspace__Scalar_Tensor(start: number, end: Tensor, steps: int, base: float, dtype: Optional[int], layout: Optional[int], device: Optional[Device], pin_memory: Optional[bool]) -> Tensor:
    first = torch.scalar_tensor(start, dtype=torch.double)
    return torch.logspace(first, end, steps, base, dtype=dtype, layout=layout, device=device, pin_memory=pin_memory)

def logspace__Tensor_Scalar(start: Tensor, end: number, steps: int, base: float, dtype: Optional[int], layout: Optional[int], device: Optional[Device], pin_memory: Optional[bool]) -> Tensor:
    last = torch.scalar_tensor(end, dtype=torch.double)
    return torch.logspace(start, last, steps, base, dtype=dtype, layout=layout, device=device, pin_memory=pin_memory)

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
