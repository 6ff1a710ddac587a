#!/usr/bin/env python3
"""Makes the archives and the catalogue of testdata/exportdb from its sources.

Usage: make_exportdb.py   (needs torch 2.13)

Each NAME.py is a case of torch's ExportDB as TorchScript can express it: what it shows, its tags,
example inputs, and the model. Written are NAME.pt, NAME.inputs.pt and catalogue.json. What the tool
makes of each case is measured by exportdb_test, which writes outcomes.json and docs/exportdb.md with
TX_UPDATE_GOLDEN=1. The same torch gives the same bytes.
"""
import json
import linecache
import os
import sys
import types

import torch

from make_models import ROOT, save_module, save_values

FOLDER = ROOT / "testdata" / "exportdb"
CASES = {}


def load(name):
    """Runs NAME.py, which tells about itself by a call of case()."""
    def case(*, tags, inputs, level="SUPPORTED", form=None, missing=None, options=()):
        CASES[name] = {"tags": tags, "level": level, "form": form, "missing": missing,
                       "options": list(options), "inputs": inputs}

    support = types.ModuleType("_support")
    support.case, support.torch = case, torch
    sys.modules["_support"] = support
    text = (FOLDER / f"{name}.py").read_text()
    module = types.ModuleType(name)
    module.__file__ = f"{name}.py"
    linecache.cache[f"{name}.py"] = (len(text), None, text.splitlines(True), f"{name}.py")
    sys.modules[name] = module
    torch.manual_seed(20231004)
    exec(compile(text, f"{name}.py", "exec"), module.__dict__)
    return module


def main():
    catalogue = []
    for path in sorted(FOLDER.glob("*.py")):
        name = path.stem
        module = load(name)
        about = CASES[name]
        inputs = about.pop("inputs")
        catalogue.append({"name": name, "title": module.__doc__.strip(), **about})
        if about["missing"]:
            continue
        torch.manual_seed(20231004)
        save_module(torch.jit.script(module.Model().eval()), FOLDER / f"{name}.pt")
        save_values(inputs, FOLDER / f"{name}.inputs.pt")
    text = json.dumps(catalogue, indent=1, ensure_ascii=False)
    (FOLDER / "catalogue.json").write_text(text + "\n")


if __name__ == "__main__":
    if os.environ.get("PYTHONHASHSEED") != "0":  # the order of some records is that of a set
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "PYTHONHASHSEED": "0"})
    main()
