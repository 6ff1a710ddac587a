// Padding, resampling, patches.
#include "decomp/rules/families.h"

namespace tx::decomp {

const std::string_view kSampling = R"PY(
# ---- padding: every axis is read at the places that a pattern gives ----

def reflected(x: Tensor, padding: List[int]) -> Tensor:
    axes = len(padding) // 2
    for i in range(axes):
        d = x.dim() - axes + i
        left = padding[2 * (axes - 1 - i)]
        right = padding[2 * (axes - 1 - i) + 1]
        last = x.size(d) - 1
        place = torch.arange(-left, x.size(d) + right, 1, device=x.device)
        folded = rule.sub(last, torch.abs(rule.sub(last, torch.abs(place))))
        x = index_along(x, d, folded)
    return x

def repeated(x: Tensor, padding: List[int]) -> Tensor:
    axes = len(padding) // 2
    for i in range(axes):
        d = x.dim() - axes + i
        left = padding[2 * (axes - 1 - i)]
        right = padding[2 * (axes - 1 - i) + 1]
        place = torch.arange(-left, x.size(d) + right, 1, device=x.device)
        x = index_along(x, d, torch.clamp(place, 0, x.size(d) - 1))
    return x

def reflection_pad1d(self: Tensor, padding: List[int]) -> Tensor:
    return reflected(self, padding)

def reflection_pad2d(self: Tensor, padding: List[int]) -> Tensor:
    return reflected(self, padding)

def reflection_pad3d(self: Tensor, padding: List[int]) -> Tensor:
    return reflected(self, padding)

def replication_pad1d(self: Tensor, padding: List[int]) -> Tensor:
    return repeated(self, padding)

def replication_pad2d(self: Tensor, padding: List[int]) -> Tensor:
    return repeated(self, padding)

def replication_pad3d(self: Tensor, padding: List[int]) -> Tensor:
    return repeated(self, padding)

# ---- nearest neighbour ----

def nearest_places(x: Tensor, d: int, size: int, scale: Optional[float], offset: float) -> Tensor:
    position = torch.arange(0, size, 1, dtype=torch.float, device=x.device) + offset
    # LibTorch's kernel copies and doubles by the sizes alone.
    by_sizes = offset == 0 and (rule.known(x, size == x.size(d)) or rule.known(x, size == 2 * x.size(d)))
    if scale is None or by_sizes:
        return torch.to(position * (x.size(d) / size), torch.long)
    place = torch.to(position * (1.0 / scale), torch.long)
    # A factor that is not the quotient of the sizes may lead out of the input.
    fits = rule.known(x, (size - 1 + offset) * (1.0 / scale) < x.size(d))
    return place if fits else torch.clamp(place, None, x.size(d) - 1)

def nearest(x: Tensor, output_size: List[int], scales: List[Optional[float]], offset: float) -> Tensor:
    axes = len(output_size)
    indices: List[Optional[Tensor]] = [None, None]
    for i in range(axes):
        place = nearest_places(x, 2 + i, output_size[i], scales[i], offset)
        for j in range(axes - 1 - i):
            place = torch.unsqueeze(place, -1)
        indices.append(place)
    return torch.index(x, indices)

def upsample_nearest1d(self: Tensor, output_size: List[int], scales: Optional[float]) -> Tensor:
    return nearest(self, output_size, [scales], 0.0)

def _upsample_nearest_exact1d(self: Tensor, output_size: List[int], scales: Optional[float]) -> Tensor:
    return nearest(self, output_size, [scales], 0.5)

def upsample_nearest2d(self: Tensor, output_size: List[int], scales_h: Optional[float], scales_w: Optional[float]) -> Tensor:
    return nearest(self, output_size, [scales_h, scales_w], 0.0)

def _upsample_nearest_exact2d(self: Tensor, output_size: List[int], scales_h: Optional[float], scales_w: Optional[float]) -> Tensor:
    return nearest(self, output_size, [scales_h, scales_w], 0.5)

def upsample_nearest3d(self: Tensor, output_size: List[int], scales_d: Optional[float], scales_h: Optional[float], scales_w: Optional[float]) -> Tensor:
    return nearest(self, output_size, [scales_d, scales_h, scales_w], 0.0)

def _upsample_nearest_exact3d(self: Tensor, output_size: List[int], scales_d: Optional[float], scales_h: Optional[float], scales_w: Optional[float]) -> Tensor:
    return nearest(self, output_size, [scales_d, scales_h, scales_w], 0.5)

# ---- linear ----

# Where each output element lies in the input, as a real number.
def source_places(x: Tensor, d: int, size: int, align_corners: bool, scale: Optional[float], cubic: bool) -> Tensor:
    compute = torch.double if x.dtype == torch.double else torch.float
    position = torch.to(torch.arange(0, size, 1, device=x.device), compute)
    if align_corners:
        if rule.known(x, size == 1):
            return position * 0
        # One position alone is 0, whatever the factor.
        return position * ((x.size(d) - 1) / max(size - 1, 1))
    if scale is not None:
        place = (position + 0.5) * (1.0 / scale) - 0.5
        # Equal sizes are a copy, whatever the factor.
        if cubic or rule.known(x, size != x.size(d)):
            return place
        if rule.known(x, size == x.size(d)):
            return position
        same = torch.eq(torch.full([], size, dtype=torch.long, device=x.device), x.size(d))
        return torch.where(same, position, place)
    return (position + 0.5) * (x.size(d) / size) - 0.5

# One axis after the other, the last one first.
def interpolated(x: Tensor, output_size: List[int], align_corners: bool, scales: List[Optional[float]]) -> Tensor:
    axes = len(output_size)
    lows: List[Tensor] = []
    highs: List[Tensor] = []
    weights: List[Tensor] = []
    for i in range(axes):
        d = 2 + i
        place = torch.clamp(source_places(x, d, output_size[i], align_corners, scales[i], False), 0.0)
        ones: List[int] = [output_size[i]]
        for j in range(axes - 1 - i):
            ones.append(1)
        place = torch.view(place, ones)
        low = torch.to(place, torch.long)
        if scales[i] is not None:
            low = inside(low, x, d, output_size[i], scales[i])
        high = torch.clamp(low + 1, None, x.size(d) - 1)
        lows.append(low)
        highs.append(high)
        weights.append(place)
    return interpolated_at(x, lows, highs, weights)

# A factor that is not the quotient of the sizes may lead out of the input.
def inside(low: Tensor, x: Tensor, d: int, size: int, scale: Optional[float]) -> Tensor:
    factor = 1.0 if scale is None else scale
    if rule.known(x, (size - 0.5) * (1.0 / factor) - 0.5 < x.size(d)):
        return low
    return torch.clamp(low, None, x.size(d) - 1)

def interpolated_at(x: Tensor, lows: List[Tensor], highs: List[Tensor], weights: List[Tensor]) -> Tensor:
    axes = len(lows)
    values: List[Tensor] = []
    for corner in range(1 << axes):
        indices: List[Optional[Tensor]] = [None, None]
        for i in range(axes):
            is_high = (corner >> (axes - 1 - i)) % 2 == 1
            indices.append(highs[i] if is_high else lows[i])
        values.append(torch.index(x, indices))
    for i in range(axes):
        axis = axes - 1 - i
        weight = torch.clamp(weights[axis] - lows[axis], 0.0, 1.0)
        next: List[Tensor] = []
        for j in range(len(values) // 2):
            a = values[2 * j]
            b = values[2 * j + 1]
            next.append(a + (b - a) * weight)
        values = next
    return values[0]

def upsample_linear1d(self: Tensor, output_size: List[int], align_corners: bool, scales: Optional[float]) -> Tensor:
    return down(interpolated(up(self), output_size, align_corners, [scales]), self)

def upsample_bilinear2d(self: Tensor, output_size: List[int], align_corners: bool, scales_h: Optional[float], scales_w: Optional[float]) -> Tensor:
    return down(interpolated(up(self), output_size, align_corners, [scales_h, scales_w]), self)

def upsample_trilinear3d(self: Tensor, output_size: List[int], align_corners: bool, scales_d: Optional[float], scales_h: Optional[float], scales_w: Optional[float]) -> Tensor:
    return down(interpolated(up(self), output_size, align_corners, [scales_d, scales_h, scales_w]), self)

# ---- cubic convolution, with the factor -0.75 ----

def cubic_near(x: Tensor) -> Tensor:
    return (x * 1.25 - 2.25) * x * x + 1.0

def cubic_far(x: Tensor) -> Tensor:
    return ((x * -0.75 + 3.75) * x - 6.0) * x + 3.0

def upsample_bicubic2d(self: Tensor, output_size: List[int], align_corners: bool, scales_h: Optional[float], scales_w: Optional[float]) -> Tensor:
    x = up(self)
    y = torch.unsqueeze(source_places(x, 2, output_size[0], align_corners, scales_h, True), -1)
    z = source_places(x, 3, output_size[1], align_corners, scales_w, True)
    rows = cubic_places(y, x.size(2))
    columns = cubic_places(z, x.size(3))
    row_weights = cubic_weights(y)
    column_weights = cubic_weights(z)
    along_columns: List[Tensor] = []
    for row in rows:
        values: List[Tensor] = []
        for column in columns:
            at: List[Optional[Tensor]] = [None, None, row, column]
            values.append(torch.index(x, at))
        along_columns.append(weighted(values, column_weights))
    return down(weighted(along_columns, row_weights), self)

# The four elements around each place; those outside are the ones at the edge.
def cubic_places(place: Tensor, n: int) -> List[Tensor]:
    base = torch.to(torch.floor(place), torch.long)
    places: List[Tensor] = []
    for i in range(4):
        places.append(torch.clamp(base + (i - 1), 0, n - 1))
    return places

def cubic_weights(place: Tensor) -> List[Tensor]:
    t = place - torch.floor(place)
    u = rule.sub(1.0, t)
    return [cubic_far(t + 1.0), cubic_near(t), cubic_near(u), cubic_far(u + 1.0)]

def weighted(values: List[Tensor], weights: List[Tensor]) -> Tensor:
    total = values[0] * weights[0]
    for i in range(1, len(values)):
        total = total + values[i] * weights[i]
    return total

# ---- grids ----

def axis_positions(n: int, align_corners: bool, dtype: int, device: Device) -> Tensor:
    if n <= 1:
        return torch.full([n], 0, dtype=dtype, device=device)
    edge = 1.0 if align_corners else (n - 1) / n
    return spaced(-edge, edge, n, dtype, device)

def affine_grid_generator(theta: Tensor, size: List[int], align_corners: bool) -> Tensor:
    if len(size) == 5:
        return volume_grid(theta, size, align_corners)
    h = size[2]
    w = size[3]
    xs = torch.view(axis_positions(w, align_corners, theta.dtype, theta.device), [1, w, 1])
    ys = torch.view(axis_positions(h, align_corners, theta.dtype, theta.device), [h, 1, 1])
    one = torch.full([1, 1, 1], 1, dtype=theta.dtype, device=theta.device)
    xs = torch.constant_pad_nd(xs, [0, 2], 0)
    ys = torch.constant_pad_nd(ys, [1, 1], 0)
    one = torch.constant_pad_nd(one, [2, 0], 0)
    points = torch.view(xs + ys + one, [h * w, 3, 1])
    matrix = torch.unsqueeze(torch.permute(theta, [0, 2, 1]), 1)
    return torch.view(torch.sum(points * matrix, [-2]), [size[0], h, w, 2])

def volume_grid(theta: Tensor, size: List[int], align_corners: bool) -> Tensor:
    d = size[2]
    h = size[3]
    w = size[4]
    xs = torch.view(axis_positions(w, align_corners, theta.dtype, theta.device), [1, 1, w, 1])
    ys = torch.view(axis_positions(h, align_corners, theta.dtype, theta.device), [1, h, 1, 1])
    zs = torch.view(axis_positions(d, align_corners, theta.dtype, theta.device), [d, 1, 1, 1])
    one = torch.full([1, 1, 1, 1], 1, dtype=theta.dtype, device=theta.device)
    xs = torch.constant_pad_nd(xs, [0, 3], 0)
    ys = torch.constant_pad_nd(ys, [1, 2], 0)
    zs = torch.constant_pad_nd(zs, [2, 1], 0)
    one = torch.constant_pad_nd(one, [3, 0], 0)
    points = torch.view(xs + ys + zs + one, [d * h * w, 4, 1])
    matrix = torch.unsqueeze(torch.permute(theta, [0, 2, 1]), 1)
    return torch.view(torch.sum(points * matrix, [-2]), [size[0], d, h, w, 3])

# ---- patches ----

def patch_places(n: int, kernel: int, dilation: int, padding: int, stride: int, like: Tensor) -> Tensor:
    count = (n + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1
    starts = torch.unsqueeze(torch.arange(0, count * stride, stride, device=like.device), 0)
    inside = torch.unsqueeze(torch.arange(0, kernel * dilation, dilation, device=like.device), -1)
    return starts + inside

def im2col(self: Tensor, kernel_size: List[int], dilation: List[int], padding: List[int], stride: List[int]) -> Tensor:
    x = self if self.dim() == 4 else torch.unsqueeze(self, 0)
    rows = patch_places(x.size(2), kernel_size[0], dilation[0], padding[0], stride[0], x)
    columns = patch_places(x.size(3), kernel_size[1], dilation[1], padding[1], stride[1], x)
    padded = torch.constant_pad_nd(x, [padding[1], padding[1], padding[0], padding[0]], 0)
    at: List[Optional[Tensor]] = [None, None, torch.unsqueeze(torch.unsqueeze(rows, -1), -1), columns]
    patches = torch.permute(torch.index(padded, at), [0, 1, 2, 4, 3, 5])
    count = rows.size(1) * columns.size(1)
    flat = torch.reshape(patches, [x.size(0), x.size(1) * kernel_size[0] * kernel_size[1], count])
    return flat if self.dim() == 4 else torch.squeeze(flat, 0)

def col2im(self: Tensor, output_size: List[int], kernel_size: List[int], dilation: List[int], padding: List[int], stride: List[int]) -> Tensor:
    x = self if self.dim() == 3 else torch.unsqueeze(self, 0)
    k0 = kernel_size[0]
    k1 = kernel_size[1]
    channels = x.size(1) // (k0 * k1)
    n0 = (output_size[0] + 2 * padding[0] - dilation[0] * (k0 - 1) - 1) // stride[0] + 1
    n1 = (output_size[1] + 2 * padding[1] - dilation[1] * (k1 - 1) - 1) // stride[1] + 1
    values = torch.permute(torch.reshape(x, [x.size(0), channels, k0, k1, n0, n1]), [0, 1, 2, 4, 3, 5])
    rows = patch_places(output_size[0], k0, dilation[0], padding[0], stride[0], x)
    rows = torch.unsqueeze(torch.unsqueeze(rows, -1), -1)
    columns = patch_places(output_size[1], k1, dilation[1], padding[1], stride[1], x)
    sizes = [x.size(0), channels, output_size[0] + 2 * padding[0], output_size[1] + 2 * padding[1]]
    empty = torch.full(sizes, 0, dtype=x.dtype, device=x.device)
    at: List[Optional[Tensor]] = [None, None, rows, columns]
    full = torch.index_put(empty, at, values, True)
    cut = torch.constant_pad_nd(full, [-padding[1], -padding[1], -padding[0], -padding[0]], 0)
    return cut if self.dim() == 3 else torch.squeeze(cut, 0)

def max_unpool2d(self: Tensor, indices: Tensor, output_size: List[int]) -> Tensor:
    return unpooled(self, indices, output_size)

def max_unpool3d(self: Tensor, indices: Tensor, output_size: List[int], stride: List[int], padding: List[int]) -> Tensor:
    return unpooled(self, indices, output_size)

def unpooled(x: Tensor, indices: Tensor, output_size: List[int]) -> Tensor:
    batch = x.size()[:x.dim() - len(output_size)]
    count = product(x.size()[x.dim() - len(output_size):])
    empty = torch.full(batch + [product(output_size)], 0, dtype=x.dtype, device=x.device)
    flat = torch.scatter(empty, -1, torch.reshape(indices, batch + [count]), torch.reshape(x, batch + [count]))
    return torch.view(flat, batch + output_size)
)PY";

}  // namespace tx::decomp
