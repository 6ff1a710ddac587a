"""The programs of the torch.export tutorial that TorchScript can express."""
import torch


class MyModule(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = torch.nn.Linear(100, 10)

    def forward(self, x, y):
        return torch.nn.functional.relu(self.lin(x + y), inplace=True)


class Bad1(torch.nn.Module):
    def forward(self, x):
        if x.sum() > 0:
            return torch.sin(x)
        return torch.cos(x)


class Bad2(torch.nn.Module):
    def forward(self, x):
        x.data[0, 0] = 3
        return x


class Example1(torch.nn.Module):
    def forward(self, x):
        x = x[:, 2:]
        return torch.relu(x)


class Example2(torch.nn.Module):
    def forward(self, x, y):
        return x @ y


class Example3(torch.nn.Module):
    def forward(self, x, y):
        if x.shape[0] <= 16:
            return x @ y[:, :16]
        return y


class M(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(3, 4)

    def forward(self, x):
        return self.linear(x)


class CondPredicate(torch.nn.Module):
    def forward(self, x):
        pred = x.dim() > 2 and x.shape[2] > 10
        if pred:
            return x.cos()
        return x.sin()
