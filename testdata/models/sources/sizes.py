"""One operation a row: what operators ask about the sizes of their inputs."""
import math
from typing import Optional

import torch
import torch.nn.functional as F
from torch import Tensor


class Sizes(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(8, 3)
        self.conv = torch.nn.Conv2d(3, 4, 3, padding=1)
        self.strided = torch.nn.Conv2d(3, 4, 3, stride=2)
        self.conv1d = torch.nn.Conv1d(3, 4, 5)

    def forward(self, row: int, x: Tensor, y: Optional[Tensor] = None) -> Tensor:
        z = x if y is None else y
        if row < 30:
            return self.two_inputs(row, x, z)
        if row < 60:
            return self.views(row, x, z)
        if row < 80:
            return self.layers(row, x)
        return self.program(row, x, z)

    def two_inputs(self, row: int, x: Tensor, y: Tensor) -> Tensor:
        if row == 1:
            return x @ y
        if row == 2:
            return torch.bmm(x, y)
        if row == 3:
            return torch.einsum("bij,bjk->bik", x, y)
        if row == 4:
            return x + y
        if row == 5:
            return torch.where(x > 0, x, y)
        if row == 6:
            return torch.cat([x, y], 0)
        if row == 7:
            return torch.stack([x, y])
        if row == 8:
            return torch.cat([x, x]) + y
        if row == 9:
            return torch.cat([x, x[:1]]) + y
        return x

    def views(self, row: int, x: Tensor, y: Tensor) -> Tensor:
        if row == 30:
            return x[:3]
        if row == 31:
            return x[:8]
        if row == 32:
            return x[:20]
        if row == 33:
            return x[-3:]
        if row == 34:
            return x[:-3]
        if row == 35:
            return x[2:]
        if row == 36:
            return x[::2]
        if row == 37:
            return y[:, :16]
        if row == 38:
            return x[3]
        if row == 39:
            return x[-1]
        if row == 40:
            return x.narrow(0, 2, 3)
        if row == 41:
            return x.view(-1) + x.flatten() + x.reshape(-1)
        if row == 42:
            return x.view(x.shape[0], -1)
        if row == 43:
            return x.view(-1, 4)
        if row == 44:
            return x.reshape(-1, 2)
        if row == 45:
            return x.view(-1, 8)
        if row == 46:
            return x.view(2, 4)
        if row == 47:
            return torch.topk(x, 3)[0]
        if row == 48:
            return torch.chunk(x, 2)[0]
        if row == 49:
            return torch.split(x, 3)[2]
        if row == 50:
            return torch.unbind(x)[0]
        return x

    def layers(self, row: int, x: Tensor) -> Tensor:
        if row == 60:
            return self.linear(x)
        if row == 61:
            return self.conv(x)
        if row == 62:
            return self.strided(x)
        if row == 63:
            return self.conv1d(x)
        if row == 64:
            return F.max_pool2d(x, 2)
        if row == 65:
            return F.avg_pool2d(x, 2)
        if row == 66:
            return F.max_pool2d(x, 3, 2, 1)
        if row == 67:
            return F.adaptive_avg_pool2d(x, 2)
        if row == 68:
            return F.softmax(x, -1).mean(-1, keepdim=True).expand_as(x)
        if row == 69:
            return F.pad(x, (1, 1)).repeat(2, 1) + torch.arange(2.0)[0]
        if row == 70:
            return F.interpolate(x, scale_factor=2.0, mode="nearest")
        if row == 71:
            return F.scaled_dot_product_attention(x, x, x)
        return x

    def program(self, row: int, x: Tensor, y: Tensor) -> Tensor:
        n = x.shape[0]
        if row == 80:
            total = x.new_zeros([])
            for i in range(n):
                total = total + i
            return total
        if row == 81:
            return x * math.sqrt(float(n))
        if row == 82:
            return x.new_zeros([n // 2, 3])
        branch = False
        if row == 83:
            branch = n <= 16
        if row == 84:
            branch = n > 16
        if row == 85:
            branch = n < 16 and n > 4
        if row == 86:
            branch = n % 2 == 0
        if row == 87:
            branch = n == y.shape[0]
        if row == 88:
            branch = n == 8
        if row == 89:
            branch = n == 2 * y.shape[0]
        if row == 90:
            branch = n * x.shape[1] <= 32
        if row == 91:
            branch = n < y.shape[0]
        if row == 92:
            branch = n % 4 == 1
        if row == 93:
            branch = n * n <= 100
        if branch:
            return x + 1
        return x - 1
