// Decisions and loops on data, captured from one example: the program gives what the model gives for
// inputs that go other ways.
#include <doctest/doctest.h>
#include <torch/csrc/jit/api/module.h>
#include <unistd.h>

#include <filesystem>

#include "driver/driver.h"

namespace fs = std::filesystem;
using namespace tx;

namespace {

// All ways of the decisions below are gone by one of these.
const std::vector<std::string> kInputs = {"f32[4]:1..4", "f32[4]:-4..-1", "zeros:f32[4]", "f32[4]:40..90",
                                          "f32[4]", "f32[4]:0..1"};

struct Folder {
  fs::path path;
  Folder() {
    std::string name = (fs::temp_directory_path() / "control-flow-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()));
    path = name;
  }
  ~Folder() { fs::remove_all(path); }
};

// The diagnostics of the export, or of the first input for which program and model differ.
std::string problems(torch::jit::Module module) {
  const Folder folder;
  driver::ExportRequest request;
  request.model = (folder.path / "model.pt").string();
  request.inputs.sources = {kInputs.front()};
  request.control_flow = capture::ControlFlow::Data;
  module.save(request.model);
  try {
    driver::VerifyRequest verify;
    verify.program = driver::export_model(request).out;
    verify.model = request.model;
    for (const std::string& input : kInputs) {
      verify.inputs.sources = {input};
      driver::verify_program(verify);
    }
  } catch (const diag::Failure& failure) {
    std::string text;
    for (const diag::Diagnostic& d : failure.diagnostics()) {
      text += std::string(diag::kind(d.code).name) + ":" + std::to_string(d.place.line) + " " + d.message + "\n";
    }
    return text;
  }
  return "";
}

std::string problems(const std::string& forward) {
  torch::jit::Module module("Test");
  module.define(forward);
  return problems(module);
}

const std::string kAliasing = "Encountered aliasing during higher order op tracing";

}  // namespace

TEST_CASE("what a branch or an iteration makes for itself is nobody else's matter") {
  CHECK(problems(R"(
def forward(self, x):
    if bool(x.sum() > 0):
        parts: List[Tensor] = []
        for i in range(3):
            parts.append(x * i)
        y = torch.stack(parts).sum(0)
    else:
        y = x
    return y
)") == "");
  CHECK(problems(R"(
def forward(self, x):
    while bool(x.sum() > 1):
        parts = {"a": x / 3}
        parts["b"] = parts["a"] / 2
        if bool(x.max() > 2):
            items = [x]
            items[0] = x / 2
            parts["a"] = items[0]
        x = parts["a"] - parts["b"]
    return x
)") == "");
}

TEST_CASE("a list that both ways make is a new one, and may be written to") {
  CHECK(problems(R"(
def forward(self, x):
    if bool(x.sum() > 0):
        parts = [x]
        parts.append(x + 1)
    else:
        parts = [x, x * 2]
    parts.append(x)
    parts[0] = x - 7
    return torch.stack(parts)
)") == "");
}

TEST_CASE("a list or dict that may be another one is not written to") {
  CHECK(problems(R"(
def forward(self, x):
    a = [x]
    b = [x * 2]
    chosen = b
    if bool(x.sum() > 0):
        chosen = a
    return chosen[0] + a[0]
)") == "");
  CHECK(problems(R"(
def forward(self, x):
    a = [x]
    b = [x * 2]
    chosen = b
    if bool(x.sum() > 0):
        chosen = a
    chosen.append(x)
    return torch.stack(a), torch.stack(b)
)") == "TX1011:8 " + kAliasing + "\n");
  CHECK(problems(R"(
def forward(self, x):
    a = {"x": x}
    b = {"x": x * 2}
    chosen = b
    if bool(x.sum() > 0):
        chosen = a
    a["x"] = x * 50
    return chosen["x"]
)") == "TX1011:8 " + kAliasing + "\n");
  CHECK(problems(R"(
def forward(self, x):
    a = [x, x + 1]
    b = [x + 2, x + 3]
    n = 0
    while n < 3 and bool(a[0].sum() > 1):
        a, b = b, a
        n += 1
    return a[0], b[1]
)") == "");
  CHECK(problems(R"(
def forward(self, x):
    a = [x, x + 1]
    b = [x + 2, x + 3]
    n = 0
    while n < 3 and bool(a[0].sum() > 1):
        a, b = b, a
        n += 1
    b[0] = b[0] + 100
    return a[0], b[0]
)") == "TX1011:9 " + kAliasing + "\n");
  CHECK(problems(R"(
def forward(self, x):
    a = [x, x + 1]
    b = [x + 2, x + 3]
    first = a
    n = 0
    while n < 3 and bool(a[0].sum() > 1):
        a, b = b, a
        n += 1
    b[0] = b[0] + 100
    return first[0], b[0]
)") == "TX1011:10 " + kAliasing + "\n");
  CHECK(problems(R"(
def forward(self, x):
    a = [x, x]
    b = a
    n = 0
    while n < 3 and bool(a[0].sum() > 1):
        b = a
        n += 1
    return b[1]
)") == "TX1011:6 " + kAliasing + ": the loop carries a list or dict that has another name\n");
  CHECK(problems(R"(
def forward(self, x):
    a = [x]
    b = [x]
    if bool(x.sum() > 0):
        a = [x + 1]
        b = a
    a[0] = x
    return b[0]
)") == "TX1011:5 " + kAliasing + "\n");
}

TEST_CASE("a tensor that may be another one is written to where the other one is used no more") {
  CHECK(problems(R"(
def forward(self, x):
    y = x * 2
    if bool(x.sum() > 0):
        y = y + 1
    y += 1
    z = y.relu()
    while bool(z.sum() > 50):
        z = z / 2
    z[0] = 7
    return y, z
)") == "");
  // On one way it is the input.
  CHECK(problems(R"(
def forward(self, x):
    if bool(x.sum() > 0):
        x = x + 1
    x += 1
    return x
)") == "TX1011:5 " + kAliasing + "\n");
  CHECK(problems(R"(
def forward(self, x):
    y = x * 2
    v = y[:2]
    z = y
    if bool(x.sum() > 0):
        z = y + 1
    z += 1
    return v + z[2:]
)") == "TX1011:8 " + kAliasing + "\n");
  // Two results of one branch.
  CHECK(problems(R"(
def forward(self, x):
    a = x + 1
    b = x + 2
    if bool(x.sum() > 0):
        a = x + 3
        b = a
    a += 1
    return b
)") == "TX1011:8 " + kAliasing + "\n");
  // A loop that swaps, and one that takes a tensor from outside.
  CHECK(problems(R"(
def forward(self, x):
    a = x + 1
    b = x + 2
    first = a
    n = 0
    while n < 3 and bool(a.sum() > 1):
        a, b = b, a
        n += 1
    b += 100
    return first, b
)") == "TX1011:10 " + kAliasing + "\n");
  CHECK(problems(R"(
def forward(self, x):
    w = x + 1
    y = x + 2
    n = 0
    while n < 3 and bool(y.sum() > 1):
        y = w
        n += 1
    y += 100
    return w, y
)") == "TX1011:9 " + kAliasing + "\n");
}

TEST_CASE("what is in a chosen list is what the branch put there") {
  CHECK(problems(R"(
def forward(self, x):
    a = [x, x + 1]
    b = [x * 2, x * 3]
    chosen = b
    if bool(x.sum() > 0):
        a[1] = x * 5
        chosen = a
    return chosen[1], a[1]
)") == "");
}

TEST_CASE("dicts with keys in another order are of another structure") {
  CHECK(problems(R"(
def forward(self, x):
    d: Dict[str, Tensor] = {}
    if bool(x.sum() > 0):
        d["a"] = x
        d["b"] = x * 2
    else:
        d["b"] = x - 1
        d["a"] = x
    return torch.stack(list(d.values()))
)") == "TX1011:4 the branches give values of different structure: a dict {'a', 'b'} and a dict {'b', 'a'}\n");
}

TEST_CASE("a loop may return from within, whatever it returns") {
  CHECK(problems(R"(
def forward(self, x) -> Tuple[Tensor, int, List[Tensor]]:
    for i in range(4):
        x = x * 2
        if bool(x.sum() > 10):
            return x, i, [x + 1, x]
    return x, -1, [x, x - 1]
)") == "");
}

TEST_CASE("ranges in which a number depends on data") {
  CHECK(problems(R"(
def forward(self, x):
    for i in range(7, -1, -2):
        x = x + i
        if bool(x.sum() > 10):
            break
    n = int(x.argmax())
    for i in range(n, 6, 2):
        x = x * 0.5 + i
    for i in range(5, n, -1):
        x = x - i
    return x * (2 ** n)
)") == "");
}

TEST_CASE("a list of numbers that a loop changes") {
  CHECK(problems(R"(
def forward(self, x):
    left = [int(x.max()), int(x.argmax())]
    n = 0
    while left[0] > 0 and n < 5:
        left[0] = left[0] - 1
        left[1] = left[1] + 2
        n += 1
    if bool(x.sum() > 0):
        left[0] = 7
    return x + left[0], left[1]
)") == "");
}

TEST_CASE("sizes and indices that depend on data, in branches and loops") {
  // A search, and elements that are written.
  CHECK(problems(R"(
def forward(self, x):
    i = 0
    while i < 3 and bool(x[i] < 45):
        i += 1
    low, high = 0, 3
    v = torch.sort(x)[0]
    while low < high:
        middle = (low + high) // 2
        if bool(v[middle] < 2):
            low = middle + 1
        else:
            high = middle
    marked = torch.zeros(4)
    n = 0
    while n < 4 and bool(x[n] > 0):
        marked = marked.clone()
        marked[n] = x[n] + x[-n]
        n += 1
    return x[i], v[low], low, marked
)") == "");
  // Of a size that only one way has, of sizes that meet, and of one that an iteration has.
  CHECK(problems(R"(
def forward(self, x):
    if bool(x.sum() > 0):
        y = x[x > 2]
        if y.size(0) > 1:
            y = y + y.size(0)
    else:
        y = torch.cat([x, x[x < -2]])
    n = 0
    while n < 3 and bool(x.sum() < 40):
        large = torch.nonzero(x > n)
        x = x + large.size(0) + x[x > n].sum()
        n += 1
    return y, x
)") == "");
  // What is out of bounds on one way matters there only.
  CHECK(problems(R"(
def forward(self, x):
    n = int(x.max())
    if n >= 0 and n < 4:
        y = x[int(x.max())]
    else:
        y = x[0]
    return y
)") == "");
}

TEST_CASE("slices with bounds that depend on data") {
  // The bounds are negative and beyond the end for some of the inputs.
  CHECK(problems(R"(
def forward(self, x):
    n = int(x.max())
    m = int(x.min())
    marked = torch.zeros(4)
    marked[m:n] = 1
    if bool(x.sum() > 0):
        x = x[:n]
        x = x[:2]
    return x * 2, marked, marked[n:], marked[-n:], x[m:n].sum()
)") == "");
}

TEST_CASE("an index out of bounds in a loop fails as in the model") {
  CHECK(problems(R"(
def forward(self, x):
    i = 0
    while bool(x[i] > 0):
        i += 1
    return i
)").starts_with("TX"));
}
