#!/usr/bin/env python3
"""Makes testdata/models: TorchScript archives with inputs and expected outputs.

Usage: make_models.py [NAME...]   (all without names; needs torch 2.13)

The models are in testdata/models/sources. For each case three files are written:
NAME.pt, NAME.inputs.pt (the tuple of positional arguments; NAME.kwargs.pt where there are
keyword arguments) and NAME.expected.pt (the tuple of flattened eager outputs, where there are
some). The same torch gives the same bytes.
"""
import importlib.util
import io
import linecache
import os
import pathlib
import struct
import sys
import types

import torch
from torch.utils import _pytree as pytree

ROOT = pathlib.Path(__file__).resolve().parent.parent
MODELS = ROOT / "testdata" / "models"
CASES = {}


def load(name):
    """Imports sources/NAME.py with its bare file name in every source location."""
    text = (MODELS / "sources" / f"{name}.py").read_text()
    module = types.ModuleType(name)
    module.__file__ = f"{name}.py"
    linecache.cache[f"{name}.py"] = (len(text), None, text.splitlines(True), f"{name}.py")
    sys.modules[name] = module
    exec(compile(text, f"{name}.py", "exec"), module.__dict__)
    return module


def case(make):
    CASES[make.__name__] = make
    return make


def strip_paths(archive: bytes) -> bytes:
    """Makes paths of source files relative, so that archives name no machine's folders."""
    folders = (pathlib.Path(torch.__file__).resolve().parent.parent, ROOT)
    reader = torch._C.PyTorchFileReader(io.BytesIO(archive))
    out = io.BytesIO()
    writer = torch._C.PyTorchFileWriter(out)
    for record in reader.get_all_records():
        data = reader.get_record(record)
        if record in ("version", ".data/version", ".data/serialization_id"):
            continue  # the writer's own
        if record.endswith(".debug_pkl"):
            for folder in folders:
                data = relative_strings(data, f"{folder}/".encode())
        writer.write_record(record, data, len(data))
    writer.write_end_of_file()
    return out.getvalue()


def relative_strings(pickle: bytes, prefix: bytes) -> bytes:
    out, at = bytearray(), 0
    while True:
        # A string is 'X', its length in four bytes, its text.
        found = pickle.find(prefix, at)
        if found < 0:
            return bytes(out + pickle[at:])
        start = found
        while True:
            start = pickle.rindex(b"X", at, start)
            (length,) = struct.unpack("<I", pickle[start + 1:start + 5])
            if start + 5 <= found < start + 5 + length <= len(pickle):
                break
        text = pickle[start + 5:start + 5 + length].replace(prefix, b"")
        out += pickle[at:start] + b"X" + struct.pack("<I", len(text)) + text
        at = start + 5 + length


def save_module(module, path):
    buffer = io.BytesIO()
    torch.jit.save(module, buffer)
    path.write_bytes(strip_paths(buffer.getvalue()))


def save_values(value, path):
    buffer = io.BytesIO()
    torch.save(value, buffer)
    path.write_bytes(buffer.getvalue())


def write(name):
    torch.manual_seed(20231004)
    spec = CASES[name]()
    module, args, kwargs = spec["module"], spec.get("args", ()), spec.get("kwargs", {})
    if not spec.get("training"):
        module = module.eval()
    if spec.get("trace"):
        module = torch.jit.trace(module, args)
    else:
        module = torch.jit.script(module)
    if spec.get("freeze"):
        module = torch.jit.freeze(module)
    save_module(module, MODELS / f"{name}.pt")
    save_values(args, MODELS / f"{name}.inputs.pt")
    if kwargs:
        save_values(kwargs, MODELS / f"{name}.kwargs.pt")
    if spec.get("fails"):
        return
    with torch.no_grad():
        copies = pytree.tree_map(lambda v: v.clone() if isinstance(v, torch.Tensor) else v,
                                 (args, kwargs))
        leaves = pytree.tree_leaves(module(*copies[0], **copies[1]))
    save_values(tuple(leaves), MODELS / f"{name}.expected.pt")


tutorial, layers, language = load("tutorial"), load("layers"), load("language")
operators, data_dependent, sizes = load("operators"), load("data_dependent"), load("sizes")
control_flow, seeded = load("control_flow"), load("seeded")


# ---- the tutorial ------------------------------------------------------------------------------

@case
def basic():
    return {"module": tutorial.MyModule(), "args": (torch.randn(8, 100), torch.randn(8, 100))}


@case
def bad1():
    return {"module": tutorial.Bad1(), "args": (torch.randn(3, 3),)}


@case
def bad2():
    return {"module": tutorial.Bad2(), "args": (torch.randn(3, 3),)}


@case
def example1():
    return {"module": tutorial.Example1(), "args": (torch.randn(10, 10, 2),)}


@case
def example2():
    return {"module": tutorial.Example2(), "args": (torch.randn(4, 8), torch.randn(8, 2))}


@case
def example3():
    return {"module": tutorial.Example3(), "args": (torch.randn(8, 16), torch.randn(16, 32))}


@case
def linear():
    return {"module": tutorial.M(), "args": (torch.randn(2, 3),)}


@case
def cond_predicate():
    return {"module": tutorial.CondPredicate(), "args": (torch.randn(6, 4, 3),)}


# ---- layers ------------------------------------------------------------------------------------

@case
def conv_batch_norm():
    module = layers.ConvBatchNorm()
    module.bn.running_mean.normal_()
    module.bn.running_var.uniform_(0.5, 2.0)
    return {"module": module, "args": (torch.randn(2, 3, 12, 10),)}


@case
def tied_weights():
    return {"module": layers.TiedWeights(), "args": (torch.randint(0, 20, (2, 5)),)}


@case
def lstm():
    return {"module": layers.Tagger(), "args": (torch.randn(2, 4, 6),)}


@case
def gru():
    return {"module": layers.Gru(), "args": (torch.randn(3, 2, 4),)}


@case
def attention():
    return {"module": layers.Block(16, 4), "args": (torch.randn(2, 6, 16),)}


@case
def transformer():
    return {"module": layers.Transformer(), "args": (torch.randint(0, 50, (2, 7)),)}


@case
def transformer_traced():
    return {"module": layers.Transformer(), "args": (torch.randint(0, 50, (2, 7)),),
            "trace": True}


@case
def upsample():
    return {"module": layers.Upsample(), "args": (torch.randn(1, 2, 4, 5),)}


@case
def counter():
    return {"module": layers.Counter(), "args": (torch.randn(5, 3),)}


@case
def batch_norm_training():
    return {"module": layers.TrainingBatchNorm(), "args": (torch.randn(6, 4),),
            "training": True}


@case
def inplace_views():
    return {"module": layers.InplaceViews(), "args": (torch.randn(4, 4),)}


@case
def unused_weights():
    return {"module": layers.UnusedWeights(), "args": (torch.randn(2, 3),)}


@case
def mixed_dtypes():
    return {"module": layers.Mixed(),
            "args": (torch.randn(4, 3), torch.tensor([3, 0, 1]), torch.tensor([True, False, True]))}


@case
def traced_shapes():
    return {"module": layers.TracedShapes(), "args": (torch.randn(2, 3, 8),), "trace": True}


@case
def traced_many():
    return {"module": layers.TracedMany(), "args": (torch.randn(3, 4), torch.randn(1)),
            "trace": True}


@case
def frozen():
    return {"module": layers.Frozen(), "args": (torch.randn(2, 4),), "freeze": True}


# ---- language ----------------------------------------------------------------------------------

@case
def script_class():
    return {"module": language.ScriptClass(), "args": (torch.randn(3, 2),)}


@case
def enum():
    return {"module": language.WithEnum(language.Mode.MUL),
            "args": (torch.randn(3), torch.randn(3))}


@case
def nested_inputs():
    t = [torch.randn(2, 2) for _ in range(6)]
    return {"module": language.NestedInputs(),
            "args": ((t[0], t[1]), [t[2], t[3]], {"scale": t[4], "shift": t[5]})}


@case
def named_tuple():
    # TorchScript takes a plain tuple of the right types for a named tuple.
    return {"module": language.NamedTupleInOut(),
            "args": ((torch.randn(2), torch.randn(2)),)}


@case
def plain_arguments():
    return {"module": language.PlainArguments(), "args": (torch.randn(3), 2),
            "kwargs": {"how": "double", "bias": 0.5}}


@case
def keyword_only():
    return {"module": language.KeywordOnly(), "args": (torch.randn(3),),
            "kwargs": {"scale": 0.5, "shift": torch.randn(3)}}


@case
def non_tensor_outputs():
    return {"module": language.NonTensorOutputs(), "args": (torch.randn(3, 2),)}


@case
def no_inputs():
    return {"module": language.NoInputs()}


@case
def containers():
    return {"module": language.Containers(), "args": (torch.randn(2, 4),)}


@case
def raise_not_taken():
    return {"module": language.RaiseNotTaken(), "args": (torch.randn(2, 3),)}


@case
def raise_taken():
    return {"module": language.RaiseTaken(), "args": (torch.randn(3, 2),), "fails": True}


@case
def item_dependency():
    return {"module": language.ItemDependency(), "args": (torch.tensor([[1.0, 3.0]]),)}


@case
def item_to_value():
    return {"module": language.ItemToValue(), "args": (torch.randn(3),)}


@case
def list_of_data():
    return {"module": language.ListOfData(), "args": (torch.randn(3),)}


@case
def returns_numbers():
    return {"module": language.ReturnsNumbers(), "args": (torch.randn(3),)}


@case
def bool_of_data():
    return {"module": language.BoolOfData(), "args": (torch.randn(3),)}


@case
def slope_of_data():
    return {"module": language.SlopeOfData(), "args": (torch.randn(3),)}


@case
def numbers_of_data():
    return {"module": language.NumbersOfData(), "args": (torch.randn(5),)}


@case
def data_loop():
    return {"module": language.DataLoop(), "args": (torch.ones(3),)}


@case
def size_from_data():
    return {"module": language.SizeFromData(), "args": (torch.randn(8),)}


@case
def nonzero():
    return {"module": data_dependent.Nonzero(), "args": (torch.randn(4, 3),)}


@case
def masked_linear():
    return {"module": data_dependent.MaskedLinear(), "args": (torch.randn(6, 3),)}


@case
def item_as_size():
    return {"module": data_dependent.ItemAsSize(), "args": (torch.randn(2), torch.tensor([2, 3]))}


@case
def slice_by_item():
    return {"module": data_dependent.SliceByItem(), "args": (torch.randn(8, 2), torch.tensor(4))}


@case
def decides_on_size():
    return {"module": data_dependent.DecidesOnSize(), "args": (torch.randn(6),)}


@case
def input_mutation():
    return {"module": language.InputMutation(), "args": (torch.randn(2, 2), torch.randn(2, 2))}


@case
def writes_attribute():
    return {"module": language.WritesAttribute(), "args": (torch.randn(2),)}


@case
def arithmetic():
    return {"module": language.Arithmetic(), "args": (torch.randn(1, 9),)}


@case
def methods():
    return {"module": language.Interface(), "args": (torch.randn(2, 2),)}


@case
def returns_object():
    return {"module": language.ReturnsObject(), "args": (torch.randn(2),), "fails": True}


@case
def prints():
    return {"module": language.Prints(), "args": (torch.randn(2),)}


@case
def forks():
    return {"module": language.Forks(), "args": (torch.randn(2),)}


@case
def writes_parameter():
    return {"module": language.WritesParameter(), "args": (torch.randn(2),)}


# ---- operators of other libraries --------------------------------------------------------------

@case
def custom_operator():
    return {"module": operators.CustomOperator(), "args": (torch.randn(3, 3),)}


@case
def no_kernel():
    return {"module": operators.NoKernel(), "args": (torch.randn(3),), "fails": True}


@case
def counting():
    return {"module": operators.Counting(), "args": (torch.randn(3),), "fails": True}


@case
def throwing():
    return {"module": operators.Throwing(), "args": (torch.randn(3),), "fails": True}


@case
def missing_operator():
    return {"module": operators.Missing(), "args": (torch.randn(3),), "fails": True}


@case
def segment_reduce():
    return {"module": operators.SegmentReduce(),
            "args": (torch.randn(3), torch.tensor([1, 2]))}


# ---- questions about sizes ---------------------------------------------------------------------

@case
def sizes_of_operators():
    return {"module": sizes.Sizes(), "args": (4, torch.randn(3, 4), torch.randn(3, 4))}


# ---- decisions on data -------------------------------------------------------------------------

@case
def cond():
    return {"module": control_flow.Cond(), "args": (torch.ones(3, 3),)}


@case
def cond_closure():
    return {"module": control_flow.CondClosure(), "args": (torch.ones(2, 3), torch.ones(2, 3))}


@case
def attribute_in_branch():
    return {"module": control_flow.AttributeInBranch(), "args": (torch.ones(2),)}


@case
def while_loop():
    return {"module": control_flow.WhileLoop(), "args": (torch.ones(3),)}


@case
def for_break():
    return {"module": control_flow.ForBreak(), "args": (torch.ones(3) * 2,)}


@case
def assert_data():
    return {"module": control_flow.AssertData(), "args": (torch.ones(3),)}


@case
def raise_on_data():
    return {"module": control_flow.RaiseOnData(), "args": (torch.ones(3),)}


@case
def branch_dtypes():
    return {"module": control_flow.BranchDtypes(), "args": (torch.ones(3),)}


@case
def branch_sizes():
    return {"module": control_flow.BranchSizes(), "args": (torch.ones(3),)}


@case
def branch_mutation():
    return {"module": control_flow.BranchMutation(), "args": (torch.ones(3),)}


@case
def branch_structure():
    return {"module": control_flow.BranchStructure(), "args": (torch.ones(3),)}


@case
def loop_sizes():
    return {"module": control_flow.LoopSizes(), "args": (torch.ones(3),)}


@case
def aliased_result():
    return {"module": control_flow.AliasedResult(), "args": (torch.ones(3),)}


@case
def size_decision():
    return {"module": control_flow.SizeDecision(), "args": (torch.randn(6, 4, 3),)}


@case
def breaks_in_branches():
    return {"module": control_flow.BreaksInBranches(), "args": (torch.ones(3),)}


@case
def many_gates():
    return {"module": control_flow.ManyGates(), "args": (torch.ones(3),)}


@case
def gated_stack():
    return {"module": control_flow.GatedStack(), "args": (torch.ones(2, 8),)}


@case
def branch_ranks():
    return {"module": control_flow.BranchRanks(), "args": (torch.ones(3),)}


@case
def nested_sizes():
    return {"module": control_flow.NestedSizes(), "args": (torch.ones(3),)}


@case
def draft_of_decisions():
    args = (torch.linspace(-1, 2, 24).reshape(6, 4), torch.tensor([4, 2]))
    return {"module": control_flow.DraftOfDecisions(), "args": args}


@case
def draft_of_some():
    return {"module": control_flow.DraftOfSome(), "args": (torch.ones(3),)}


# ---- graph breaks that were counted -------------------------------------------------------------

@case
def seeded1():
    return {"module": seeded.Seeded1(), "args": (torch.rand(3) + 0.5,), "fails": True}


@case
def seeded2():
    return {"module": seeded.Seeded2(), "args": (torch.rand(3) + 0.5,), "fails": True}


@case
def seeded3():
    return {"module": seeded.Seeded3(), "args": (torch.rand(3) + 0.5,), "fails": True}


@case
def seeded4():
    return {"module": seeded.Seeded4(), "args": (torch.rand(3) + 0.5,), "fails": True}


@case
def seeded5():
    return {"module": seeded.Seeded5(), "args": (torch.rand(3) + 0.5, torch.tensor(4)), "fails": True}


@case
def seeded6():
    return {"module": seeded.Seeded6(), "args": (torch.rand(3) + 0.5,), "fails": True}


@case
def seeded7():
    return {"module": seeded.Seeded7(), "args": (torch.rand(3) + 0.5, torch.rand(3)), "fails": True}


@case
def seeded8():
    return {"module": seeded.Seeded8(), "args": (torch.rand(3) + 0.5,), "fails": True}


@case
def seeded10():
    return {"module": seeded.Seeded10(), "args": (torch.rand(3) + 0.5,), "fails": True}


@case
def seeded12():
    return {"module": seeded.Seeded12(), "args": (torch.rand(3, 3), torch.tensor([0, 1, 5])), "fails": True}


# ---- cases that came later; names in archives count, so these change no other -------------------

@case
def hooked():
    module = language.Hooked()
    for hooked_module in (module, module.part):
        hooked_module.register_forward_pre_hook(language.doubles_input)
        hooked_module.register_forward_hook(language.halves_large)
    return {"module": module, "args": (torch.randn(3, 4),)}


@case
def doubled():
    return {"module": operators.Doubled(), "args": (torch.randn(3, 2),)}


@case
def doubled_plainly():
    return {"module": operators.DoubledPlainly(), "args": (torch.randn(3, 2),), "fails": True}


@case
def increased():
    return {"module": operators.Increased(), "args": (torch.randn(3),), "fails": True}


@case
def traced_sparse():
    return {"module": layers.TracedSparse(), "args": (torch.randn(3, 4),), "trace": True}


@case
def compared_tensors():
    return {"module": control_flow.ComparedTensors(), "args": (torch.ones(3), torch.full((3,), 1.05))}


@case
def windowed_istft():
    return {"module": operators.WindowedIstft(), "args": (torch.randn(2, 64),)}


@case
def missing_among_breaks():
    return {"module": operators.MissingAmongBreaks(), "args": (torch.ones(3),), "fails": True}


@case
def missing_keyword():
    return {"module": operators.MissingKeyword(), "args": (torch.ones(3),), "fails": True}


if __name__ == "__main__":
    if os.environ.get("PYTHONHASHSEED") != "0":  # the order of some records is that of a set
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "PYTHONHASHSEED": "0"})
    for case_name in sys.argv[1:] or CASES:
        write(case_name)
