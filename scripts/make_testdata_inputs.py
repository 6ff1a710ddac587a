"""Makes the files in testdata/archive/ and testdata/inputs/.

testdata/archive/ has one small file of each kind that is no TorchScript archive; testdata/inputs/
has example inputs in every form that the tool reads. Values are literal, so that the tests can
state them. Needs torch and numpy; run in the project's top folder:

    python3 scripts/make_testdata_inputs.py
"""

import collections
import io
import json
import pathlib
import pickle
import struct
import tarfile
import zipfile

import numpy as np
import torch

TESTDATA = pathlib.Path(__file__).resolve().parent.parent / "testdata"
ARCHIVE = TESTDATA / "archive"
INPUTS = TESTDATA / "inputs"


def zip_with(path, members, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as out:
        for name, data in members.items():
            out.writestr(zipfile.ZipInfo(name), data, compression)


def make_archive_files():
    ARCHIVE.mkdir(parents=True, exist_ok=True)
    module = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Linear(2, 2), torch.nn.Linear(2, 1))
    linear = torch.nn.Linear(2, 1)
    torch.save(module, ARCHIVE / "pickled_module.pt")
    torch.save({"epoch": 3, "model": linear}, ARCHIVE / "checkpoint_with_module.pt")
    torch.save(module.state_dict(), ARCHIVE / "state_dict.pt")
    torch.save(
        {"epoch": 3, "model": linear.state_dict(), "optimizer": {}}, ARCHIVE / "checkpoint.pt"
    )
    torch.save(torch.ones(2), ARCHIVE / "tensor.pt")
    torch.save((torch.ones(2), 1), ARCHIVE / "tuple.pt")
    for name, value in (("legacy_module.pt", linear), ("legacy_tensor.pt", torch.ones(2))):
        torch.save(value, ARCHIVE / name, _use_new_zipfile_serialization=False)
    with tarfile.open(ARCHIVE / "legacy.tar", "w", format=tarfile.USTAR_FORMAT) as out:
        info = tarfile.TarInfo("storages")
        info.size = 4
        out.addfile(info, io.BytesIO(b"\0\0\0\0"))
    (ARCHIVE / "plain.pkl").write_bytes(pickle.dumps({"a": 1, "b": [2]}, protocol=4))
    zip_with(ARCHIVE / "exported.pt2", {"m/archive_format": "pt2", "m/archive_version": "0"})
    (ARCHIVE / "model.onnx").write_bytes(b"\x08\x08\x12\x07pytorch\x1a\x052.1.0:\0")
    header = json.dumps({"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
    (ARCHIVE / "weights.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + b"\0" * 4)
    (ARCHIVE / "weights.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + b"\0" * 24)
    (ARCHIVE / "weights.gguf").write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 0, 0))
    np.save(ARCHIVE / "array.npy", np.ones(2, np.float32))
    np.savez(ARCHIVE / "arrays.npz", x=np.ones(2, np.float32))
    zip_with(ARCHIVE / "plain.zip", {"readme.txt": "no model here"})
    zip_with(ARCHIVE / "empty.zip", {})
    (ARCHIVE / "text.pt").write_text("this is no model\n")


Point = collections.namedtuple("Point", ["x", "y"])


class Batch(dict):
    """A class of one's own: refused by its name."""

    def __init__(self, data):
        super().__init__(data)
        self.device = "cpu"


class Container(torch.nn.Module):
    """Tensors with names, in the way torch's documentation saves them for C++."""

    def __init__(self, values):
        super().__init__()
        for name, value in values.items():
            setattr(self, name, value)


def make_torch_save_files():
    x = torch.arange(6, dtype=torch.float32).reshape(2, 3)
    ids = torch.tensor([[3, 1], [4, 1]])
    base = torch.arange(4, dtype=torch.float64)
    loop = [1]
    loop.append(loop)
    files = {
        "tensor": x,
        "tuple": (x, ids),
        "empty_tuple": (),
        "list": [x, x + 1],
        "dict": {"ids": ids, "x": x},
        "dict_wrong_name": {"x": x, "idz": ids},
        "nested": (x, [ids, ids + 1], {"k": x, "n": (1, 2.5, "text", None, True)}),
        "ordered_dict": collections.OrderedDict(x=x, ids=ids),
        "int_keys": {1: x, 2: ids},
        "mixed_keys": {1: x, "a": ids},
        "parameter": torch.nn.Parameter(x),
        "shared": (base[1:], base[:2], base),
        "transposed": x.t(),
        "conjugated": torch.tensor([1 + 2j]).conj(),
        "named_tuple": [Point(x, 2)],
        "plain": [torch.Size([2, 3]), torch.float32, torch.device("cpu"), 1 + 2j, 2**40, -1],
        "numpy": [np.float64(1.5), np.int64(7), np.bool_(True), np.arange(3, dtype=np.int16),
                  np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3))],
        "dtypes": [torch.tensor([1, 65535], dtype=torch.uint16), torch.tensor([0.5, -2], dtype=torch.bfloat16),
                   torch.tensor([0.5], dtype=torch.float8_e4m3fn), torch.tensor([True, False]),
                   torch.tensor([2**63], dtype=torch.uint64), torch.tensor(3, dtype=torch.int8)],
        "class": Batch({"x": x}),
        "set": {1, 2},
        "bytes": b"abc",
        "big_int": 2**70,
        "loop": loop,
        "function": torch.add,
        "sparse": torch.eye(2).to_sparse(),
        "module": torch.nn.Linear(2, 1),
    }
    for name, value in files.items():
        torch.save(value, INPUTS / f"{name}.pt")
    torch.save(x, INPUTS / "legacy.pt", _use_new_zipfile_serialization=False)
    torch.jit.script(Container({"x": x, "ids": ids, "scale": 2.0})).save(INPUTS / "container.pt")


def make_numpy_files():
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    ids = np.array([[3, 1], [4, 1]])
    arrays = {
        "f32": x,
        "fortran": np.asfortranarray(x),
        "big_endian": x.astype(">f4"),
        "big_endian_c64": np.array([1 + 2j], dtype=">c8"),
        "scalar": np.array(7, dtype=np.int64),
        "empty": np.zeros((0, 3), dtype=np.float16),
        "bool": np.array([True, False]),
        "u16": np.array([1, 65535], dtype=np.uint16),
        "f16": np.array([0.5, -2], dtype=np.float16),
        "strings": np.array(["a", "bc"]),
        "objects": np.array([None, {}], dtype=object),
        "dates": np.array(["2020-01-01"], dtype="datetime64[D]"),
        "records": np.zeros(2, dtype=[("a", "f4"), ("b", "i4")]),
    }
    for name, array in arrays.items():
        np.save(INPUTS / f"{name}.npy", array)
    for version in (2, 3):
        with open(INPUTS / f"version{version}.npy", "wb") as out:
            np.lib.format.write_array(out, x, version=(version, 0))
    np.savez(INPUTS / "named.npz", x=x, ids=ids)
    np.savez_compressed(INPUTS / "deflated.npz", x=x, ids=ids)
    np.savez(INPUTS / "unnamed.npz", x, ids)
    np.savez(INPUTS / "objects.npz", x=np.array([None]))
    x.tofile(INPUTS / "raw.bin")
    header = {
        "__metadata__": {"format": "pt"},
        "x": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]},
        "ids": {"dtype": "I64", "shape": [2, 2], "data_offsets": [24, 56]},
    }
    text = json.dumps(header).encode()
    (INPUTS / "named.safetensors").write_bytes(
        struct.pack("<Q", len(text)) + text + x.tobytes() + ids.tobytes()
    )


if __name__ == "__main__":
    torch.manual_seed(0)
    make_archive_files()
    INPUTS.mkdir(parents=True, exist_ok=True)
    make_torch_save_files()
    make_numpy_files()
