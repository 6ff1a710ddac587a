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


if __name__ == "__main__":
    torch.manual_seed(0)
    make_archive_files()
