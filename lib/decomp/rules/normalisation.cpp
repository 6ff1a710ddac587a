// Attention and normalisation.
#include "decomp/rules/families.h"

namespace tx::decomp {

const std::string_view kNormalisation = R"PY(
# Rows of -inf alone give zeros, not NaNs.
def _safe_softmax(self: Tensor, dim: int, dtype: Optional[int]) -> Tensor:
    out = torch.softmax(self, dim, dtype)
    masked = torch.all(torch.eq(self, -float("inf")), dim, True)
    return torch.where(masked, torch.zeros_like(out), out)

# Without the kernel's second result, which only a backward pass reads. The result has the layout of
# the query, as the kernel's has: the views that follow count on it.
def _scaled_dot_product_flash_attention_for_cpu(query: Tensor, key: Tensor, value: Tensor, dropout_p: float, is_causal: bool, attn_mask: Optional[Tensor], scale: Optional[float]) -> Tuple[Tensor, Optional[Tensor]]:
    grouped = not rule.always(query, query.size(1) == key.size(1))
    out, weights = torch._scaled_dot_product_attention_math(query, key, value, attn_mask, dropout_p, is_causal, None, scale=scale, enable_gqa=grouped)
    order = rule.layout_order(query)
    back = [0, 0, 0, 0]
    for i in range(4):
        back[order[i]] = i
    return torch.permute(torch.clone(torch.permute(out, order), memory_format=0), back), None

def _weight_norm_interface(v: Tensor, g: Tensor, dim: int) -> Tuple[Tensor, Tensor]:
    others: List[int] = []
    for i in range(v.dim()):
        if i != rule.dim_of(v, dim):
            others.append(i)
    norm = torch.linalg_vector_norm(up(v), 2, others, True)
    return down(up(v) * (up(g) / norm), v), norm

def renorm(self: Tensor, p: number, dim: int, maxnorm: number) -> Tensor:
    others: List[int] = []
    for i in range(self.dim()):
        if i != rule.dim_of(self, dim):
            others.append(i)
    x = up(self)
    norm = torch.linalg_vector_norm(x, p, others, True)
    factor = torch.where(torch.gt(norm, maxnorm), torch.reciprocal(norm + 1e-7) * maxnorm, 1.0)
    return down(x * factor, self)
)PY";

}  // namespace tx::decomp
