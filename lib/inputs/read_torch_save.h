// Values in a zip file of torch.save or of LibTorch's pickle_save.
//
// In:  the zip directory of the file.
// Out: tensors, numbers, strings, None, tuples, lists and dicts of them, and what makes such
//      values: OrderedDict, Parameter, torch.Size, named tuples, NumPy scalars and arrays, dtypes
//      (their torch numbers, as in TorchScript) and devices.
// Holds: nothing is run; any other class is refused by its name. Tensors that shared a storage do
//        so again; no tensor reaches beyond its storage.
#pragma once
#include <string>

#include <ATen/core/ivalue.h>

#include "inputs/read_npy.h"
#include "support/zip_directory.h"

namespace tx::inputs {

/// `record` is the entry "TOP/data.pkl" of the zip. Throws FormatError, ZipError, PickleError.
c10::IValue read_torch_save(const support::ZipDirectory& zip, const support::ZipEntry& record);

}  // namespace tx::inputs
