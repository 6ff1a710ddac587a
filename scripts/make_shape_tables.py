#!/usr/bin/env python3
"""Writes testdata/shapes/*.txt: what eager torch returns, for many calls of many operators.

The tables are the reference of the shape rules' tests (lib/shapes/oracle_test.cpp). Calls come
from two sources: torch's own operator samples (torch.testing's op_db), traced below autograd, and
grids of layouts, dtypes and sizes written here. Needs torch 2.13, numpy, scipy and expecttest.

    make_shape_tables.py <output folder> [<first letters of op_db names>]

Format, one block per operator:

    pointwise aten.add.Tensor self other alpha
    f32[2,3:3,1] i64[3:1] 1 = f32[2,3:3,1]

The first word is `pointwise` for operators with torch's tag of that name and `op` for others.

Tensors are dtype[sizes:strides]; - is None; integers, floats (with . e inf nan), T and F, 'strings',
d:dtype, l:layout, m:memory format, v:device, c:re:im complex, {a,b} lists and tuples.
"""
import collections
import itertools
import random
import re
import sys
import warnings

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils import _pytree as pytree

DTYPES = {
    torch.uint8: "u8", torch.int8: "i8", torch.int16: "i16", torch.int32: "i32",
    torch.int64: "i64", torch.float16: "f16", torch.float32: "f32", torch.float64: "f64",
    torch.complex32: "c32", torch.complex64: "c64", torch.complex128: "c128", torch.bool: "b8",
    torch.bfloat16: "bf16", torch.uint16: "u16", torch.uint32: "u32", torch.uint64: "u64",
}
FORMATS = {torch.contiguous_format: 0, torch.preserve_format: 1, torch.channels_last: 2,
           torch.channels_last_3d: 3}
PER_OPERATOR = 36
# Results whose sizes depend on values, or that are no tensors; layouts other than strided.
EXCLUDED = re.compile(
    r"aten\.(nonzero|masked_select|_?unique|bincount|_local_scalar|item|equal|allclose|_?histogram|"
    r"repeat_interleave\.Tensor|is_|_linalg_check|_coalesce|_?to_dense|_nnz|_pack_padded|_pad_packed|"
    r"linalg_lstsq|_indices|_values|set\.|_assert|sym_|_test_|_foobar|data|_fused_sdp_choice|"
    r"segment_reduce|_index_put_impl|stft|_has_same|_version|_fw_|_foreach|_fused_ad|_sobol|_amp|"
    r"linalg_ldl|to_mkldnn|gradient|_make_|size|stride|_ctc_loss\.Tensor)|"
    r"sparse|[^_]quantize|nested|jagged|backward|cudnn|mps|out$")


class Unsupported(Exception):
    pass


def tensor_text(t):
    if t.layout != torch.strided or t.dtype not in DTYPES or t.device.type != "cpu":
        raise Unsupported()
    sizes = ",".join(map(str, t.size()))
    strides = ",".join(map(str, t.stride()))
    return f"{DTYPES[t.dtype]}[{sizes}:{strides}]"


def text(v):
    if v is None or isinstance(v, torch.Generator):
        return "-"
    if isinstance(v, torch.Tensor):
        return tensor_text(v)
    if isinstance(v, bool):
        return "T" if v else "F"
    if isinstance(v, int):
        return str(v)
    if isinstance(v, float):
        return repr(v)
    if isinstance(v, complex):
        return f"c:{v.real}:{v.imag}"
    if isinstance(v, str):
        return f"'{v}'"
    if isinstance(v, torch.dtype):
        if v not in DTYPES:
            raise Unsupported()
        return "d:" + DTYPES[v]
    if isinstance(v, torch.layout):
        return "l:0"
    if isinstance(v, torch.memory_format):
        return f"m:{FORMATS[v]}"
    if isinstance(v, torch.device):
        return "v:" + v.type
    if isinstance(v, (list, tuple)):
        return "{" + ",".join(text(x) for x in v) + "}"
    raise Unsupported()


def bind(op, args, kwargs):
    """All arguments in the order of the schema, defaults filled in."""
    values = []
    for i, a in enumerate(op._schema.arguments):
        if i < len(args):
            value = args[i]
        elif a.name in kwargs:
            value = kwargs[a.name]
        elif a.has_default_value():
            value = a.default_value
        else:
            value = None
        kind = str(a.type)
        if isinstance(value, int) and not isinstance(value, bool):
            if "ScalarType" in kind or a.name == "dtype":
                value = torch.int64  # the only default dtype of a schema
            elif kind == "float" or kind == "Optional[float]":
                value = float(value)
            elif "List[int]" in kind:
                n = a.N if a.N else 1
                value = [value] * n
        values.append(value)
    return values


def describe(func, args, kwargs):
    """The left side of a line for this call, or None when it is not wanted."""
    schema = func._schema
    name = f"{schema.name.replace('::', '.')}.{schema.overload_name or 'default'}"
    mutates = any(a.alias_info and a.alias_info.is_write for a in schema.arguments)
    if mutates or not name.startswith("aten.") or EXCLUDED.search(name):
        return None
    values = bind(func, args, kwargs)
    if "index" in name and any(isinstance(v, list) and any(isinstance(t, torch.Tensor) and t.dtype == torch.bool
                                                           for t in v) for v in values):
        return None  # a mask: the size is data
    try:
        line = " ".join(text(v) for v in values)
    except Unsupported:
        return None
    kind = "pointwise" if torch.Tag.pointwise in func.tags else "op"
    return f"{kind} {name} " + " ".join(a.name for a in schema.arguments), line


def record(cases, described, result):
    if described is None:
        return
    try:
        out = text(result)
    except Unsupported:
        return
    case = f"{described[1]} = {out}"
    if ("[" in out or out == "{}") and len(case) < 900 and len(cases[described[0]]) < 4000:
        cases[described[0]][case] = None


class Recorder(TorchDispatchMode):
    """Records the calls below autograd."""

    def __init__(self, cases):
        super().__init__()
        self.cases = cases

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        described = describe(func, args, kwargs)
        result = func(*args, **kwargs)
        record(self.cases, described, result)
        return result


def layouts(t):
    """`t` again, in other memory layouts."""
    yield t
    if not isinstance(t, torch.Tensor) or t.layout != torch.strided:
        return
    n = t.dim()
    if n >= 2:
        yield t.transpose(-1, -2).contiguous().transpose(-1, -2)
        order = list(range(n))[::-1]
        yield t.permute(order).contiguous().permute(order)
    if n >= 1 and t.numel() > 0:
        yield torch.repeat_interleave(t, 2, dim=-1)[..., ::2]
    if n == 4:
        yield t.contiguous(memory_format=torch.channels_last)
    if n == 5:
        yield t.contiguous(memory_format=torch.channels_last_3d)


def run_op_db(cases, prefix):
    from torch.testing._internal.common_methods_invocations import op_db
    wanted = [torch.float32, torch.int64, torch.bool, torch.float16, torch.bfloat16,
              torch.float64, torch.complex64, torch.uint8, torch.int32]
    import time
    for op in op_db:
        if prefix and not op.name.startswith(prefix):
            continue
        supported = op.supported_dtypes("cpu")
        for k, dtype in enumerate(d for d in wanted if d in supported):
            start = time.time()
            try:
                samples = itertools.islice(
                    op.sample_inputs("cpu", dtype, requires_grad=False), 24 if k == 0 else 8)
                for i, sample in enumerate(samples):
                    if time.time() - start > (6 if k == 0 else 1.5):
                        break
                    variants = layouts(sample.input) if k == 0 else [sample.input]
                    for v in variants:
                        try:
                            with Recorder(cases):
                                op.op(v, *sample.args, **sample.kwargs)
                        except Exception:
                            pass
            except Exception:
                pass


SHAPES = [(), (1,), (5,), (2, 3), (1, 3), (3, 1), (2, 1, 3), (4, 2, 3), (2, 3, 4, 5), (2, 3, 1, 1),
          (1, 3, 4, 5), (0, 3), (2, 0), (2, 3, 2, 4, 5), (3, 1, 4), (2, 1, 4, 1)]


def make(shape, dtype=torch.float32):
    if dtype == torch.bool:
        return torch.rand(shape) > 0.5
    if dtype.is_floating_point or dtype.is_complex:
        return torch.rand(shape).to(dtype) * 0.5 + 0.25
    return torch.randint(1, 4, shape).to(dtype)


def variants(t):
    yield t
    yield from list(layouts(t))[1:]
    if t.dim() >= 2:
        yield t[..., :1].expand(t.shape)
        yield t[:1].expand(t.shape)
    if t.dim() >= 3:
        yield t.transpose(0, 1).contiguous().transpose(0, 1)
        yield t.movedim(0, -1).contiguous().movedim(-1, 0)


def call(cases, op, *args, **kwargs):
    """Records `op` itself, composite or not; calls that torch refuses are left out."""
    try:
        described = describe(op, args, kwargs)
        record(cases, described, op(*args, **kwargs))
    except Exception:
        pass


def pointwise_grids(cases, rng):
    aten = torch.ops.aten
    dtypes = [torch.float32, torch.int64, torch.bool, torch.float16, torch.float64, torch.uint8,
              torch.complex64, torch.bfloat16, torch.int32, torch.int8]
    pairs = [(a, b) for a in SHAPES for b in SHAPES]
    names = sorted({s.name for s in torch._C._jit_get_all_schemas() if s.name.startswith("aten::")})
    for name in names:
        base = name[6:]
        if base.endswith("_") or "backward" in base or base.startswith("_foreach"):
            continue
        packet = getattr(aten, base, None)
        if packet is None:
            continue
        for overload in packet.overloads():
            op = getattr(packet, overload)
            if torch.Tag.pointwise not in op.tags or overload.endswith("out") or "int" == overload:
                continue
            if torch._C._dispatch_has_kernel_for_dispatch_key(op.name(), "CompositeImplicitAutograd"):
                continue
            if any(a.alias_info and a.alias_info.is_write for a in op._schema.arguments):
                continue
            required = [a for a in op._schema.arguments if not a.has_default_value()]
            kinds = [str(a.type) for a in required]
            if any(k not in ("Tensor", "number") for k in kinds):
                continue
            for round in range(60):
                shape = rng.choice(SHAPES)
                args = []
                for k, kind in enumerate(kinds):
                    if kind == "number":
                        args.append(rng.choice([2, 2.5, True, 1, 0.5, 2 + 1j if round % 9 == 0 else 3]))
                        continue
                    dtype = torch.float32 if round % 2 else rng.choice(dtypes)
                    if base in ("where", "masked_fill") and k == (0 if base == "where" else 1):
                        dtype = torch.bool
                    s = shape
                    if k and round % 3:
                        try_shape = rng.choice(SHAPES)
                        try:
                            torch.broadcast_shapes(shape, try_shape)
                            s = try_shape
                        except RuntimeError:
                            pass
                    args.append(rng.choice(list(variants(make(s, dtype)))))
                call(cases, op, *args)


def grids(cases, rng):
    """Calls that operator samples do not cover well."""
    a = torch.ops.aten
    f4 = lambda *s: make(s)
    for shape in SHAPES:
        for t in variants(make(shape)):
            for u in [shape, (-1,), (1,) + shape, shape + (1,), (2, -1), (-1, 3), (6,), (3, 2), (2, 12, 5),
                      (2, 3, 20), (6, 20), (2, 3, 2, 2, 5), (0,), (0, 5), (3, -1, 1)]:
                for op in (a.view.default, a._unsafe_view.default, a._reshape_copy.default):
                    call(cases, op, t, list(u))
            for fmt in (None, torch.contiguous_format, torch.preserve_format, torch.channels_last,
                        torch.channels_last_3d):
                call(cases, a.clone.default, t, memory_format=fmt)
                call(cases, a._to_copy.default, t, dtype=torch.float64, memory_format=fmt)
                for like in (a.empty_like, a.zeros_like, a.ones_like, a.rand_like, a.randn_like):
                    call(cases, like.default, t, memory_format=fmt)
                call(cases, a.full_like.default, t, 3, memory_format=fmt)
                call(cases, a.randint_like.default, t, 9, memory_format=fmt)
            for d in range(-t.dim(), t.dim()):
                for keep in (False, True):
                    for op in (a.sum.dim_IntList, a.mean.dim, a.amax.default, a.var.correction,
                               a.linalg_vector_norm.default, a.logsumexp.default):
                        if op is a.linalg_vector_norm.default:
                            call(cases, op, t, 2, [d], keep)
                        else:
                            call(cases, op, t, [d], **({} if op is a.var.correction and not keep else {"keepdim": keep}))
                    for op in (a.max.dim, a.min.dim, a.argmax.default, a.prod.dim_int, a.any.dim, a.all.dim,
                               a.median.dim, a.mode.default, a.kthvalue.default, a.cumsum.default,
                               a.cummax.default, a.sort.default, a.topk.default, a._softmax.default,
                               a._log_softmax.default, a.unbind.int, a.flip.default, a.roll.default,
                               a.argsort.default, a.cumprod.default, a.logcumsumexp.default):
                        base = op.__name__.split(".")[0]
                        if base in ("cumsum", "cummax", "unbind", "cumprod", "logcumsumexp"):
                            call(cases, op, t, d)
                        elif base in ("sort", "argsort"):
                            call(cases, op, t, d, keep)
                        elif base == "topk":
                            call(cases, op, t, 1, d)
                        elif base == "kthvalue":
                            call(cases, op, t, 1, d, keep)
                        elif base in ("_softmax", "_log_softmax"):
                            call(cases, op, t, d, False)
                        elif base == "flip":
                            call(cases, op, t, [d])
                        elif base == "roll":
                            call(cases, op, t, [1], [d])
                        else:
                            call(cases, op, t, d, keep)
                call(cases, a.slice.Tensor, t, d, 1, rng.choice([2, 9, -1]), rng.choice([1, 2]))
                call(cases, a.slice.Tensor, t, d, rng.choice([-2, -9, 0, 7, None]), None, 1)
                call(cases, a.slice_scatter.default, t, t[..., :0] if d == -1 else t, d, 0, 0 if d == -1 else None)
                call(cases, a.squeeze.dim, t, d)
                call(cases, a.unsqueeze.default, t, d)
                call(cases, a.unfold.default, t, d, 2, 1)
                call(cases, a.index_select.default, t, d, torch.tensor([0, 0]))
                call(cases, a.gather.default, t, d, torch.zeros(t.shape, dtype=torch.int64))
                call(cases, a.split.Tensor, t, 2, d)
                call(cases, a.stack.default, [t, t], d)
                call(cases, a.cat.default, [t, make(shape)], d)
                call(cases, a.cat.default, [t, t, torch.rand(0)], d)
            call(cases, a.squeeze.default, t)
            call(cases, a.repeat.default, t, [2] * (t.dim() + 1))
            call(cases, a.tril.default, t, 0)
            call(cases, a.triu.default, t, 1)
            for op in (a.constant_pad_nd.default, a.reflection_pad1d.default, a.reflection_pad2d.default,
                       a.replication_pad2d.default, a.replication_pad1d.default, a.replication_pad3d.default):
                n = int(op.__name__.split("d.")[0][-1]) if "pad_nd" not in op.__name__ else 1
                call(cases, op, t, [1, 1] * n)
            for idx in itertools.product([None, 0, 1], repeat=min(t.dim(), 4)):
                if any(i is not None for i in idx):
                    choice = [None if i is None else torch.zeros((2,) if i else (4, 1), dtype=torch.int64)
                              for i in idx]
                    call(cases, a.index.Tensor, t, choice)
                    call(cases, a.index_put.default, t, choice, torch.tensor(1.0))
            if t.dim() in (4, 5):
                c = t.shape[1]
                call(cases, a._native_batch_norm_legit_no_training.default, t, torch.ones(c), torch.zeros(c),
                     torch.zeros(c), torch.ones(c), 0.1, 1e-5)
                call(cases, a._native_batch_norm_legit_functional.default, t, torch.ones(c), torch.zeros(c),
                     torch.zeros(c), torch.ones(c), True, 0.1, 1e-5)
                call(cases, a._native_batch_norm_legit.no_stats, t, None, None, True, 0.1, 1e-5)
                call(cases, a.native_batch_norm.default, t, None, None, torch.zeros(c), torch.ones(c), False,
                     0.1, 1e-5)
                call(cases, a.native_group_norm.default, t, torch.ones(c), torch.zeros(c), t.shape[0], c,
                     t[0, 0].numel(), 1, 1e-5)
            if t.dim() >= 1:
                call(cases, a.native_layer_norm.default, t, list(t.shape[-1:]), torch.ones(t.shape[-1]),
                     torch.zeros(t.shape[-1]), 1e-5)
                call(cases, a.native_dropout.default, t, 0.5, True)
    image = [f4(2, 4, 9, 8), f4(2, 4, 9, 8).contiguous(memory_format=torch.channels_last), f4(4, 9, 8),
             f4(2, 9, 8, 4).permute(0, 3, 1, 2)[:, :, ::2], f4(1, 1, 9, 8), f4(2, 1, 7, 7), f4(2, 4, 1, 1)]
    for t in image:
        c = t.shape[-3]
        batched = t.dim() == 4
        for k, s, p, dil, g, tr in [(3, 1, 1, 1, 1, False), (3, 2, 0, 1, 1, False), (1, 1, 0, 1, 1, False),
                                    (3, 1, 2, 2, 1, False), (3, 2, 1, 1, 1, True), (2, 2, 0, 1, c, False),
                                    (3, 1, 1, 1, c, False), (2, 3, 0, 2, 1, True)]:
            w = f4(c, 6 // g if tr else 1, k, k) if tr else f4(2 * c, c // g, k, k)
            for ww in (w, w.contiguous(memory_format=torch.channels_last)):
                call(cases, a.convolution.default, t, ww, None, [s, s], [p, p], [dil, dil], tr, [0, 0], g)
                call(cases, a.convolution.default, t, ww, torch.rand(ww.shape[1] * g if tr else ww.shape[0]),
                     [s, s], [p, p], [dil, dil], tr, [s - 1, 0] if tr else [0, 0], g)
        for k, s, p, ceil in [(2, [], 0, False), (3, [2, 2], 1, False), (3, [2, 1], 1, True), (2, [3, 3], 0, True)]:
            call(cases, a.max_pool2d_with_indices.default, t, [k, k], s, [p, p], [1, 1], ceil)
            call(cases, a.avg_pool2d.default, t, [k, k], s, [p, p], ceil, True, None)
        for o in ([1, 1], [3, 4], [5, 1]):
            call(cases, a._adaptive_avg_pool2d.default, t, o)
            call(cases, a.adaptive_max_pool2d.default, t, o)
        for name in ("upsample_nearest2d", "_upsample_nearest_exact2d"):
            call(cases, getattr(a, name).default, t, [12, 5], None, None)
            call(cases, getattr(a, name).vec, t, None, [1.5, 2.0])
            call(cases, getattr(a, name).vec, t, [3, 4], None)
        for name in ("upsample_bilinear2d", "upsample_bicubic2d", "_upsample_bilinear2d_aa",
                     "_upsample_bicubic2d_aa"):
            call(cases, getattr(a, name).default, t, [12, 5], False, None, None)
            call(cases, getattr(a, name).vec, t, None, False, [1.5, 2.0])
            call(cases, getattr(a, name).vec, t, [3, 4], True, None)
        call(cases, a.pixel_shuffle.default, t, 2)
        call(cases, a.pixel_unshuffle.default, t[..., :8, :], 2)
        if batched:
            call(cases, a.channel_shuffle.default, t, 2)
            call(cases, a.im2col.default, t, [3, 2], [1, 1], [1, 0], [2, 1])
            for g in (f4(t.shape[0], 5, 6, 2), f4(t.shape[0], 2, 5, 6).permute(0, 2, 3, 1)):
                call(cases, a.grid_sampler_2d.default, t, g, 0, 0, False)
    volume = [f4(2, 4, 7, 6, 5), f4(2, 4, 7, 6, 5).contiguous(memory_format=torch.channels_last_3d), f4(4, 7, 6, 5)]
    for t in volume:
        c = t.shape[-4]
        call(cases, a.convolution.default, t, f4(6, c, 3, 3, 3), None, [1, 2, 1], [1, 0, 1], [1, 1, 1], False,
             [0, 0, 0], 1)
        call(cases, a.convolution.default, t, f4(c, 6, 3, 2, 3), None, [1, 2, 1], [1, 0, 1], [1, 1, 1], True,
             [0, 1, 0], 1)
        call(cases, a.max_pool3d_with_indices.default, t, [2, 2, 2], [], [0, 0, 0], [1, 1, 1], True)
        call(cases, a.avg_pool3d.default, t, [2, 2, 2], [], [0, 1, 0], False, True, None)
        for o in ([1, 1, 1], [3, 4, 2]):
            call(cases, a._adaptive_avg_pool3d.default, t, o)
            call(cases, a.adaptive_max_pool3d.default, t, o)
        call(cases, a.upsample_nearest3d.vec, t, None, [1.5, 2.0, 3.0])
        call(cases, a.upsample_trilinear3d.vec, t, None, False, [1.5, 2.0, 3.0])
        call(cases, a.upsample_trilinear3d.default, t, [3, 4, 5], False, None, None, None)
        if t.dim() == 5:
            call(cases, a.grid_sampler_3d.default, t, f4(2, 5, 6, 3, 3), 0, 0, False)
    for shape in [(2, 4, 9), (4, 9), (1, 4, 5)]:
        for t in variants(make(shape)):
            c = t.shape[-2]
            for tr in (False, True):
                w = f4(c, 3, 3) if tr else f4(5, c, 3)
                call(cases, a.convolution.default, t, w, None, [2], [1], [1], tr, [1 if tr else 0], 1)
            call(cases, a.upsample_nearest1d.vec, t, None, [1.5])
            call(cases, a.upsample_linear1d.vec, t, None, False, [2.5])
            call(cases, a._adaptive_avg_pool2d.default, t, [2, 2])
    for b, h, l, e in [(2, 3, 5, 4), (1, 1, 7, 8), (2, 2, 1, 4)]:
        q = f4(b, h, l, e)
        flash = a._scaled_dot_product_flash_attention_for_cpu.default
        for query in (q, f4(b, l, h, e).transpose(1, 2)):
            for key in (f4(b, h, 6, e), f4(b, 6, h, e).transpose(1, 2)):
                call(cases, flash, query, key, key)
                call(cases, flash, query, key, key, attn_mask=torch.zeros(b, 1, l, 6))
    for m, k, n in [(2, 3, 4), (1, 3, 1), (0, 3, 2), (2, 0, 3), (5, 1, 2)]:
        for x in (f4(m, k), f4(k, m).t()):
            for y in (f4(k, n), f4(n, k).t()):
                call(cases, a.mm.default, x, y)
                for bias in (f4(n), f4(m, n), f4(1, n), f4(), f4(n, m).t(), f4(m, 1)):
                    call(cases, a.addmm.default, bias, x, y)
                    call(cases, a._addmm_activation.default, bias, x, y)
                for bx in (f4(2, m, k), f4(2, k, m).transpose(1, 2), f4(m, 2, k).transpose(0, 1)):
                    for by in (f4(2, k, n), f4(2, n, k).transpose(1, 2)):
                        call(cases, a.bmm.default, bx, by)
                        call(cases, a.baddbmm.default, f4(n), bx, by)
                        call(cases, a.baddbmm.default, f4(2, m, n), bx, by)
    for t in (f4(7, 4), f4(4, 7).t()):
        for idx in (torch.tensor([1, 2]), torch.tensor([[1, 2], [3, 4]]).t(), torch.tensor(3),
                    torch.zeros((2, 3, 1), dtype=torch.int32)):
            call(cases, a.embedding.default, t, idx)
        for mode in (0, 1, 2):
            for ilo in (False, True):
                call(cases, a._embedding_bag.default, t, torch.tensor([1, 2, 3, 4]), torch.tensor([0, 2, 3]), False,
                     mode, False, None, ilo)
    for t in variants(f4(3, 4, 8)):
        for dims in ([2], [1, 2], [0, 2], [0], [2, 0, 1]):
            for one in (True, False):
                call(cases, a._fft_r2c.default, t, dims, 0, one)
            z = torch.complex(t, t) if True else t
            call(cases, a._fft_c2c.default, z, dims, 0, True)
            call(cases, a._fft_c2r.default, z, dims, 0, 14)
    for n in (0, 1, 5):
        call(cases, a.eye.default, n)
        call(cases, a.eye.m, n, 3)
        call(cases, a.randperm.default, n)
        call(cases, a.hann_window.default, n)
        call(cases, a.tril_indices.default, n, 4, 1)
        call(cases, a.triu_indices.default, 3, n, -1)
        for name in ("zeros", "ones", "rand", "randn"):
            call(cases, getattr(a, name).default, [n, 2], dtype=rng.choice([None, torch.float64]))
        call(cases, a.full.default, [n, 2], rng.choice([1, 1.5, True]))
        call(cases, a.full.default, [n], rng.choice([1, 1.5, True]), dtype=torch.float16)
    for args in [(5,), (2, 7), (1, 8, 3), (5.5,), (0, 1, 0.25), (10, 2, -3), (0.5, 4)]:
        op = [None, a.arange.default, a.arange.start, a.arange.start_step][len(args)]
        call(cases, op, *args)
        call(cases, op, *args, dtype=torch.float32)
    for v in (2, 2.5, True, 1 + 2j):
        call(cases, a.scalar_tensor.default, v)
        call(cases, a.scalar_tensor.default, v, dtype=torch.float64)


def rare(cases, rng):
    """Operators that neither samples nor grids reach."""
    a = torch.ops.aten
    f4 = lambda *s: make(s)
    tensors = [f4(3), f4(2, 3), f4(2, 3).t(), f4(2, 3, 4)[:, :, ::2], f4(2, 4, 5, 6),
               f4(2, 4, 5, 6).contiguous(memory_format=torch.channels_last), f4(), f4(0, 3), f4(3, 1, 2)]
    for t in tensors:
        for name in ("uniform", "exponential", "geometric", "cauchy", "log_normal", "normal_functional", "random",
                     "bernoulli", "poisson", "_standard_gamma", "_sample_dirichlet", "lift", "lift_fresh_copy",
                     "detach_copy", "zero", "_conj_copy", "_neg_view", "_neg_view_copy", "_lazy_clone",
                     "_is_all_true", "_is_any_true", "_aminmax", "std", "var", "rrelu_with_noise_functional",
                     "alias_copy", "count_nonzero", "view_as_real_copy", "native_norm", "histc"):
            for u in (t, t > 0.5):
                call(cases, getattr(a, name).default, *([u, 0.5] if name == "geometric" else
                                                        [u, u] if name.startswith("rrelu") else [u]))
        call(cases, a.bernoulli.p, t, 0.5)
        call(cases, a.bernoulli.Tensor, t, t)
        call(cases, a.random.to, t, 5)
        getattr(a.random, "from")
        call(cases, getattr(a.random, "from"), t, 1, 5)
        call(cases, a.binomial.default, t, t)
        call(cases, a._fused_dropout.default, t, 0.5)
        call(cases, a.native_dropout.default, t, 0.5, False)
        call(cases, a.fill.Tensor, t, torch.tensor(2.0))
        call(cases, a.copy.default, t, f4())
        call(cases, a.copy.default, t.expand(2, *t.shape), t)
        call(cases, a.norm.Scalar, t, 2)
        call(cases, a.norm.ScalarOpt_dtype, t, 2, dtype=torch.float64)
        call(cases, a.where.ScalarOther, t > 0.5, t, 1.5)
        call(cases, a.where.ScalarSelf, t > 0.5, 2, t)
        call(cases, a.isin.Scalar_Tensor, 1.5, t)
        call(cases, a.isin.Tensor_Scalar, t, 1.5)
        call(cases, a.searchsorted.Scalar, f4(5), 0.5)
        call(cases, a.searchsorted.Tensor, f4(5), t, out_int32=True)
        call(cases, a.bucketize.Scalar, 0.5, f4(4))
        call(cases, a.bucketize.Tensor, t, f4(4))
        call(cases, a.nonzero_static.default, t, size=5)
        call(cases, a.resize.default, t, [2, 3])
        call(cases, a.resize_as.default, t, f4(3, 2).t())
        call(cases, a.rand_like.generator, t, generator=None)
        call(cases, a.randint_like.Tensor, t, torch.tensor(4))
        call(cases, a.floor_divide.Scalar, t, 2)
        call(cases, a._prelu_kernel.default, t, t)
        call(cases, a.normal.float_Tensor, 1.0, t)
        for dtype in (torch.int32, torch.int16, torch.float64, torch.float16):
            call(cases, a.view.dtype, t, dtype)
            call(cases, a.view_copy.dtype, t, dtype)
        for d in range(-t.dim(), t.dim()):
            call(cases, a._aminmax.dim, t, d, True)
            call(cases, a.std.dim, t, [d])
            call(cases, a.var.dim, t, [d], True, True)
            call(cases, a.argsort.stable, t, stable=True, dim=d)
            call(cases, a.norm.ScalarOpt_dim_dtype, t, 2, [d], True, dtype=torch.float64)
            call(cases, a.count_nonzero.dim_IntList, t, [d])
            call(cases, a._logcumsumexp.default, t, d)
            call(cases, a.select_copy.int, t, d, 0)
            call(cases, a.slice_copy.Tensor, t, d, 0, 1)
            call(cases, a.split_copy.Tensor, t, 2, d)
            call(cases, a.split_with_sizes_copy.default, t, [1, t.shape[d] - 1], d)
            call(cases, a.unsafe_split_with_sizes.default, t, [1, t.shape[d] - 1], d)
            call(cases, a.split_with_sizes.default, t, [1, t.shape[d] - 1], d)
            call(cases, a.unbind_copy.int, t, d)
            call(cases, a.squeeze_copy.dims, t, [d])
            call(cases, a.squeeze.dims, t, [d, 0])
            call(cases, a._stack.default, [t, t], d)
            call(cases, a.stack.default, [t, t], d)
            call(cases, a._safe_softmax.default, t, d)
            if d in (0, t.dim() - 1) and t.dim() > 1 and t.numel():
                others = [k for k in range(t.dim()) if k != d]
                call(cases, a._weight_norm_interface.default, t, torch.linalg.vector_norm(t, dim=others, keepdim=True), d)
            index = torch.zeros(t.shape, dtype=torch.int64)
            for op in (a.scatter.value, a.scatter_add.default, a.scatter.src):
                call(cases, op, t, d, index, 1.5 if op is a.scatter.value else t)
            call(cases, a.scatter.value_reduce, t, d, index, 1.5, reduce="add")
            one = torch.zeros(2, dtype=torch.int64)
            rows = t.index_select(d, one) if t.shape[d] else t
            call(cases, a.index_add.default, t, d, one, rows)
            call(cases, a.index_copy.default, t, d, one, rows)
            call(cases, a.index_fill.int_Scalar, t, d, one, 2)
            call(cases, a.index_fill.int_Tensor, t, d, one, torch.tensor(2.0))
            call(cases, a.select_scatter.default, t, t.select(d, 0) if t.shape[d] else t, d, 0)
            call(cases, a.slice_scatter.default, t, t.narrow(d, 0, 1) if t.shape[d] else t, d, 0, 1)
            call(cases, a.renorm.default, t, 2, d, 1.0)
        for sizes, strides in ([2, 2], [3, 1]), ([3], [0]):
            if t.numel() > 6:  # no bounds are checked
                call(cases, a._reshape_alias.default, t, sizes, strides)
                call(cases, a._reshape_alias_copy.default, t, sizes, strides)
            call(cases, a.as_strided.default, t, sizes, strides)
            call(cases, a.as_strided_copy.default, t, sizes, strides)
        index = [torch.tensor([0, 0])]
        call(cases, a._unsafe_index.Tensor, t, index)
        call(cases, a._unsafe_index_put.default, t, index, torch.tensor(1.0))
        call(cases, a.take.default, t, torch.tensor([[0, 0]]).t())
        call(cases, a.put.default, t, torch.tensor([0, 1]), torch.rand(2))
        call(cases, a.masked_scatter.default, t, f4(*t.shape) > 0.5, f4(*t.shape))
        call(cases, a.native_channel_shuffle.default, t, 2)
        call(cases, a.channel_shuffle.default, t, 2)
        call(cases, a.diagonal_scatter.default, t, t.diagonal() if t.dim() > 1 else t)
        if t.dim() == 4:
            w = torch.rand(4)
            for training in (True, False):
                call(cases, a.native_batch_norm.default, t, w, w, w, w, training, 0.1, 1e-5)
                call(cases, a._native_batch_norm_legit.default, t, w, w, w, w, training, 0.1, 1e-5)
            call(cases, a._batch_norm_no_update.default, t, w, w, w, w, 0.1, 1e-5)
            call(cases, a._batch_norm_with_update_functional.default, t, w, w, w, w, 0.1, 1e-5)
            call(cases, a.max_unpool2d.default, t, torch.zeros(t.shape, dtype=torch.int64), [10, 12])
            call(cases, a._grid_sampler_2d_cpu_fallback.default, t, f4(2, 3, 3, 2), 0, 0, False)
            call(cases, a._upsample_lanczos2d_aa.default, t, [3, 3], False)
        if t.dim() in (2, 3):
            call(cases, a.adaptive_avg_pool1d.default, t, [2])
            call(cases, a.avg_pool1d.default, t, [2])
            call(cases, a._fused_rms_norm.default, t, list(t.shape[-1:]), None, 1e-5)
            call(cases, a.col2im.default, f4(*t.shape[:-2], 12, 9) if t.dim() == 3 else f4(12, 9), [4, 4], [2, 2],
                 [1, 1], [0, 0], [1, 1])
        if t.dim() == 2:
            call(cases, a._euclidean_dist.default, t, t)
            call(cases, a._cdist_forward.default, t, t, 2.0, None)
            call(cases, a._pdist_forward.default, t)
            call(cases, a._linalg_eigh.default, t @ t.t())
            call(cases, a._linalg_eigh.default, t @ t.t(), "L", False)
            call(cases, a._linalg_eigvals.default, t @ t.t())
            call(cases, a.linalg_eig.default, t @ t.t())
            call(cases, a.addr.default, t, f4(t.shape[0]), f4(t.shape[1]))
            call(cases, a._int_mm.default, torch.ones(8, 16, dtype=torch.int8), torch.ones(16, 8, dtype=torch.int8))
            for bad in ("_linalg_svd",):
                for full in (True, False):
                    call(cases, getattr(a, bad).default, t, full, True)
                    call(cases, getattr(a, bad).default, t, full, False)
            for mode in ("reduced", "complete", "r"):
                call(cases, a.linalg_qr.default, t, mode)
            for pivot in (True, False):
                call(cases, a.linalg_lu.default, t, pivot=pivot)
            for left in (True, False):
                call(cases, a._linalg_solve_ex.default, f4(3, 3), f4(3, 3), left=left)
                call(cases, a.linalg_solve_triangular.default, f4(3, 3), f4(3, 3), upper=True, left=left)
    for n in (0, 1, 4):
        for name in ("bartlett_window", "blackman_window", "hamming_window", "hann_window", "kaiser_window"):
            call(cases, getattr(a, name).default, n)
            call(cases, getattr(a, name).periodic, n, True)
        call(cases, a.kaiser_window.beta, n, True, 6.0)
        call(cases, a.hamming_window.periodic_alpha, n, True, 0.5)
        call(cases, a.hamming_window.periodic_alpha_beta, n, True, 0.5, 0.5)
        for name in ("rand", "randn"):
            call(cases, getattr(a, name).generator, [n, 2], generator=None)
        call(cases, a.randint.generator, 9, [n], generator=None)
        call(cases, a.randint.low_generator, 1, 9, [n], generator=None)
        call(cases, a.randperm.generator, n, generator=None)
        call(cases, a.range.default, 1, n + 2)
        call(cases, a.range.step, 1, n + 2.5, 0.5)
    for size in ([2, 3, 4, 5], [1, 1, 4, 5], [2, 3, 4, 5, 6]):
        n = len(size) - 2
        call(cases, a.affine_grid_generator.default, f4(size[0], n, n + 1), size, False)
    for dtype in (torch.float32, torch.float64):
        lstm = [f4(5, 2, 3).to(dtype), f4(16, 3), f4(16, 4), f4(16), f4(16), f4(2, 4), f4(2, 4)]
        call(cases, a.mkldnn_rnn_layer.default, *lstm, False, [], 2, 4, 1, True, False, False, False)
    for dtype in (torch.float32, torch.bfloat16):
        for n in (8, 6, 24):
            rows, columns = f4(6, 8).to(dtype), f4(n, 8).to(dtype).t()
            more_rows, more_columns = f4(2, 6, 8).to(dtype), f4(2, n, 8).to(dtype).mT
            ends = torch.tensor([4, 6], dtype=torch.int32)
            call(cases, a._grouped_mm.default, rows, more_columns, ends)
            call(cases, a._grouped_mm.default, more_rows, more_columns)
            call(cases, a._grouped_mm.default, rows, columns, torch.tensor([8, 8], dtype=torch.int32))
            call(cases, a._grouped_mm.default, more_rows, columns, torch.tensor([2, n], dtype=torch.int32))
    for t in variants(f4(2, 3, 4, 5)):
        call(cases, a.fake_quantize_per_tensor_affine_cachemask.default, t, 0.1, 0, 0, 255)
        call(cases, a._fake_quantize_per_tensor_affine_cachemask_tensor_qparams.default, t, f4(1),
             torch.zeros(1, dtype=torch.int32), torch.ones(1, dtype=torch.int64), 0, 255)
        call(cases, a.fake_quantize_per_channel_affine_cachemask.default, t, f4(3),
             torch.zeros(3, dtype=torch.int32), 1, 0, 255)


def pick(lines, rng):
    """At most PER_OPERATOR lines, spread over the kinds of calls."""
    lines = list(lines)
    if len(lines) <= PER_OPERATOR:
        return lines
    groups = collections.defaultdict(list)
    for line in lines:
        groups[re.sub(r"\d+", "n", line.split(" = ")[0])].append(line)
    for g in groups.values():
        rng.shuffle(g)
    order = list(groups.values())
    rng.shuffle(order)
    chosen = []
    while len(chosen) < PER_OPERATOR:
        for g in order:
            if g:
                chosen.append(g.pop())
        order = [g for g in order if g]
    return chosen[:PER_OPERATOR]


def main():
    warnings.simplefilter("ignore")
    torch.manual_seed(0)
    rng = random.Random(0)
    out = sys.argv[1]
    cases = collections.defaultdict(dict)
    with torch.no_grad():
        grids(cases, rng)
        rare(cases, rng)
        pointwise_grids(cases, rng)
        run_op_db(cases, sys.argv[2] if len(sys.argv) > 2 else "")
    files = collections.defaultdict(list)
    for header in sorted(cases, key=lambda h: h.split()[1]):
        name = header.split()[1]
        first = name[5:].lstrip("_")[0]
        files[first].append((header, pick(cases[header], rng)))
    for first, blocks in files.items():
        with open(f"{out}/{first}.txt", "w") as f:
            for header, lines in blocks:
                f.write(header + "\n")
                for line in lines:
                    f.write(line + "\n")


main()
