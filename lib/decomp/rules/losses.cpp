// Loss functions.
#include "decomp/rules/families.h"

namespace tx::decomp {

const std::string_view kLosses = R"PY(
def mse_loss(self: Tensor, target: Tensor, reduction: int) -> Tensor:
    return down(reduce(torch.pow(up(self) - up(target), 2), reduction), self)

def smooth_l1_loss(self: Tensor, target: Tensor, reduction: int, beta: float) -> Tensor:
    distance = torch.abs(up(self) - up(target))
    if beta == 0:
        return down(reduce(distance, reduction), self)
    near = torch.lt(distance, beta)
    loss = torch.where(near, torch.pow(distance, 2) * 0.5 / beta, distance - 0.5 * beta)
    return down(reduce(loss, reduction), self)

def huber_loss(self: Tensor, target: Tensor, reduction: int, delta: float) -> Tensor:
    distance = torch.abs(up(self) - up(target))
    near = torch.le(distance, delta)
    loss = torch.where(near, distance * 0.5 * distance, (distance - 0.5 * delta) * delta)
    return down(reduce(loss, reduction), self)

def soft_margin_loss(self: Tensor, target: Tensor, reduction: int) -> Tensor:
    loss = torch.log1p(torch.exp(torch.neg(up(self)) * up(target)))
    return down(reduce(loss, reduction), self)

def binary_cross_entropy(self: Tensor, target: Tensor, weight: Optional[Tensor], reduction: int) -> Tensor:
    x = up(self)
    y = up(target)
    # Logarithms of less than e^-100 are cut off, as in LibTorch's kernel.
    loss = (y - 1) * torch.clamp_min(torch.log1p(torch.neg(x)), -100) - y * torch.clamp_min(torch.log(x), -100)
    if weight is not None:
        loss = loss * up(weight)
    return down(reduce(loss, reduction), self)

def binary_cross_entropy_with_logits(self: Tensor, target: Tensor, weight: Optional[Tensor], pos_weight: Optional[Tensor], reduction: int) -> Tensor:
    x = up(self)
    y = up(target)
    if pos_weight is not None:
        factor = (up(pos_weight) - 1) * y + 1
        loss = rule.sub(1, y) * x - factor * torch.log_sigmoid(x)
    else:
        loss = rule.sub(1, y) * x - torch.log_sigmoid(x)
    if weight is not None:
        loss = loss * up(weight)
    return down(reduce(loss, reduction), self)

def nll_loss_forward(self: Tensor, target: Tensor, weight: Optional[Tensor], reduction: int, ignore_index: int) -> Tuple[Tensor, Tensor]:
    return negative_log_likelihood(self, target, weight, reduction, ignore_index)

def nll_loss2d_forward(self: Tensor, target: Tensor, weight: Optional[Tensor], reduction: int, ignore_index: int) -> Tuple[Tensor, Tensor]:
    return negative_log_likelihood(self, target, weight, reduction, ignore_index)

def multi_margin_loss(self: Tensor, target: Tensor, p: number, margin: number, weight: Optional[Tensor], reduction: int) -> Tensor:
    x = torch.atleast_2d(self)
    own = torch.unsqueeze(torch.atleast_1d(target), 1)
    distance = torch.clamp_min(torch.add(rule.sub(margin, torch.gather(x, 1, own)), x), 0)
    if p != 1:
        distance = distance * distance
    if weight is not None:
        at: List[Optional[Tensor]] = [own]
        distance = distance * torch.index(weight, at)
    others = torch.ne(torch.arange(0, x.size(1), device=x.device), own)
    loss = torch.where(others, distance, 0)
    if reduction == 2:
        return torch.sum(loss) / x.size(1)
    if reduction == 1:
        return torch.mean(loss)
    each = torch.mean(loss, [1])
    return each if self.dim() == 2 else torch.squeeze(each, 0)

# Labels count up to the first -1. The second result says of each class whether it is a label.
def multilabel_margin_loss_forward(self: Tensor, target: Tensor, reduction: int) -> Tuple[Tensor, Tensor]:
    x = torch.atleast_2d(self)
    labels = torch.atleast_2d(target)
    classes = x.size(1)
    place = torch.arange(0, classes, device=x.device)
    end = torch.amin(torch.where(torch.eq(labels, -1), place, classes), [-1], True)
    counts = torch.lt(place, end)
    own = torch.gather(x, -1, torch.where(counts, labels, 0))
    label = torch.unsqueeze(torch.where(counts, labels, -1), -1)
    is_label = torch.any(torch.eq(place, label), 1)
    distance = torch.add(rule.sub(1.0, torch.unsqueeze(torch.t(own), -1)), x)
    distance = torch.clamp_min(distance, 0) / classes
    loss = torch.where(is_label, 0, distance)
    loss = torch.where(torch.unsqueeze(torch.t(counts), -1), loss, 0)
    if reduction == 2:
        loss = torch.sum(loss)
    else:
        loss = torch.sum(loss, [0, -1])
        if reduction == 1:
            loss = torch.mean(loss)
        elif self.dim() < 2:
            loss = torch.squeeze(loss, 0)
    return loss, torch.reshape(torch.to(is_label, self.dtype), target.size())

# The loss, and the total weight of the targets that count.
def negative_log_likelihood(self: Tensor, target: Tensor, weight: Optional[Tensor], reduction: int, ignore_index: int) -> Tuple[Tensor, Tensor]:
    channel = 0 if self.dim() < 2 else 1
    x = up(self)
    weights = x
    if weight is not None:
        sizes: List[int] = []
        for i in range(self.dim()):
            sizes.append(weight.size(0) if i == channel else 1)
        weights = torch.view(up(weight), sizes)
        x = x * weights
    place = torch.unsqueeze(torch.where(torch.ne(target, ignore_index), target, 0), channel)
    picked = torch.neg(torch.squeeze(torch.gather(x, channel, place), channel))
    loss = torch.where(torch.ne(target, ignore_index), picked, 0)
    if reduction == 0 and self.dim() > 1:
        return down(loss, self), torch.full([], 0.0, dtype=self.dtype, device=self.device)
    if weight is None:
        total = torch.to(torch.sum(torch.ne(target, ignore_index)), x.dtype)
    else:
        own = torch.squeeze(torch.gather(torch.expand(weights, x.size()), channel, place), channel)
        total = torch.sum(torch.where(torch.ne(target, ignore_index), own, 0))
    if reduction == 2:
        loss = torch.sum(loss)
    elif reduction == 1:
        loss = torch.sum(loss) / total
    return down(loss, self), down(total, self)
)PY";

}  // namespace tx::decomp
