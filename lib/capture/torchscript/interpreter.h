// Interpreter: walks TorchScript functions and tells a Tracer what they do with tensors.
//
// In:  a module whose tensors are functional tensors (traced_module.h), and arguments.
// Out: the value the method returns. Functions are called, not inlined, so call stack and module
//      path are known; control flow on constants and sizes is followed, loops unroll.
// Holds: a graph break is told to the Tracer, and the walk goes on with opaque values in place of the
//        results. Where the model itself fails, capture ends with a diag::Failure.
#pragma once
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/ir/ir.h>

#include <functional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "capture/maybe_one.h"
#include "capture/torchscript/branch.h"
#include "capture/torchscript/source_places.h"
#include "capture/torchscript/traced_module.h"
#include "capture/tracer.h"

namespace tx::capture::torchscript {

class Interpreter {
 public:
  Interpreter(Tracer& tracer, TracedModule& module);
  ~Interpreter();

  /// Calls a method of an object; `arguments` without the object itself, defaults filled in. As in
  /// Python, the hooks of a module are called around `forward`.
  c10::IValue call_method(const c10::intrusive_ptr<c10::ivalue::Object>& object,
                          const std::string& method, std::vector<c10::IValue> arguments);

  /// Calls a decomposition rule. The first failure in it ends the call: there is no model whose
  /// other breaks somebody wants to know.
  c10::IValue call(torch::jit::Function& function, std::vector<c10::IValue> arguments) {
    const WalkScope scope(*this, Walk::Rule);
    return call_function(function, std::move(arguments), nullptr);
  }

 private:
  /// The values of one activation of a function.
  using Values = std::unordered_map<const torch::jit::Value*, c10::IValue>;

  c10::IValue call_function(torch::jit::Function& function, std::vector<c10::IValue> arguments,
                            const std::string* module_path);
  std::vector<c10::IValue> run_graph(torch::jit::Graph& graph, std::vector<c10::IValue> arguments);
  void run_block(torch::jit::Block& block, Values& values);
  void run_node(torch::jit::Node& node, Values& values);
  void execute(torch::jit::Node& node, Values& values);

  /// On which kind of way the walk is.
  enum class Walk : uint8_t {
    Plain,    ///< the one that every run takes
    Rule,     ///< the same in a decomposition rule
    Capture,  ///< one that becomes the graph of a branch or loop
    Search,   ///< one behind a reported break, walked to find others
    Silent,   ///< one behind an opaque decision: what decides there is not reported
  };
  class WalkScope {
   public:
    WalkScope(Interpreter& interpreter, Walk walk)
        : walk_(interpreter.walk_), previous_(std::exchange(interpreter.walk_, walk)) {}
    ~WalkScope() { walk_ = previous_; }
    WalkScope(const WalkScope&) = delete;
    WalkScope& operator=(const WalkScope&) = delete;

   private:
    Walk& walk_;
    Walk previous_;
  };

  // Decisions (control_flow.cpp).
  void run_if(torch::jit::Node& node, Values& values);
  void run_inline(torch::jit::Node& node, size_t taken, Values& values);
  void run_both(torch::jit::Node& node, const c10::IValue& condition, Values& values);
  Branch run_branch(torch::jit::Block& block, Values& values, const Containers& outside);
  /// Calls `walk` with a graph and a journal of the branch's own, and takes back what it changed in
  /// containers from outside.
  void walk_apart(Branch& branch, const Containers& outside, const std::function<void()>& walk);
  void assert_condition(torch::jit::Node& node, Values& values, bool expected);
  void report_raise(const torch::jit::Node& raise, const c10::IValue& condition);
  void stand_at_condition(const torch::jit::Node& node, const torch::jit::Value& condition);
  /// Which way an `if` or a loop goes, as far as it is known or a draft takes that of the example;
  /// `asked` is what the instruction asks for, whose place is that of the decision.
  std::optional<bool> decide(const torch::jit::Node& node, const torch::jit::Value& asked,
                             const c10::IValue& condition);
  /// The trip count of a loop that data decide, as in the example; nothing without a draft.
  std::optional<int64_t> draft_trip_count(const torch::jit::Node& node, const c10::IValue& count);
  void report_data_dependent(const torch::jit::Node& node, const torch::jit::Value& condition,
                             const c10::IValue& value);
  diag::Diagnostic data_dependent(const torch::jit::Node& node, const c10::IValue& condition);
  /// What a block finds when it begins.
  struct Outside {
    std::vector<at::Tensor> tensors;
    Containers containers;
  };
  /// Finds all that a block may use, and applies pending updates of the tensors among it.
  Outside settle(const Values& values);
  /// Gives tensors that a branch or loop wrote to unknown values, for it is no captured one.
  void restore_tensors(const std::vector<at::Tensor>& tensors);
  /// A limit of cond or while_loop that does not hold.
  void violated(diag::Diagnostic diagnostic);
  void refuse_write();
  /// Each of `groups` are values that are one on some way of a captured branch or loop.
  void may_be_one(const std::vector<std::vector<c10::IValue>>& groups);
  /// Notes that `value` is written to.
  void note_write(const c10::IValue& value);
  /// Refuses the writes that `value`, which is used, may lack.
  void check_aliases(const c10::IValue& value);
  void check_aliases(const torch::jit::Node& node, const std::vector<c10::IValue>& operands);
  void note_change(const Journal::Place& place);

  // Loops (loops.cpp).
  struct Carried;
  struct LoopState {
    c10::IValue trip_count, condition;
    int64_t iteration;                  ///< of which the carried values are
    std::vector<c10::IValue> carried;
    bool finite;                        ///< there is a trip count
    bool counted;                       ///< the iteration number is carried, before all else
  };
  void run_loop(torch::jit::Node& node, Values& values);
  void capture_loop(torch::jit::Node& node, Values& values, LoopState state);
  Branch run_body(torch::jit::Block& body, Values& values, std::vector<Carried>& carried,
                  const std::vector<at::Tensor>& initial, bool counted, const Containers& outside);
  bool add_carried(std::vector<Carried>& carried, const Branch& branch, size_t first);
  std::vector<at::Tensor> finish_loop(torch::jit::Node& node, Values& values, const LoopState& state,
                   std::vector<Carried>& carried, std::vector<at::Tensor> initial, Branch branch);

  // After graph breaks (opaque_operands.cpp).
  /// True when the node was dealt with because an operand is, or holds, an opaque value.
  bool run_on_opaque(torch::jit::Node& node, const std::vector<c10::IValue>& operands,
                     Values& values);
  /// Instructions that look into none of their operands.
  static bool hands_on_only(const torch::jit::Node& node);
  /// Notes a break and puts opaque values in place of the node's results; rethrows what ends the walk.
  void go_on_after(const diag::Failure& failure, torch::jit::Node& node, Values& values);
  /// True when the node writes to a tensor from outside of a branch or loop, which is refused.
  bool refuse_outside_write(torch::jit::Node& node, Values& values);

  // Everything else by name (primitives.cpp); false when the node is an ordinary operator.
  bool run_primitive(torch::jit::Node& node, Values& values);
  c10::IValue truth_of(const torch::jit::Node& node, const at::Tensor& tensor);
  /// A number that depends on data as an argument that takes no tensor: a symbol, or a break.
  c10::IValue plain_argument(const at::Tensor& number);
  /// The same for what the program returns.
  c10::IValue plain_result(const at::Tensor& number);
  c10::IValue number_or_break(const at::Tensor& number, diag::Diagnostic broken);
  /// The break of something that needs numbers.
  diag::Diagnostic needs_number(const at::Tensor& tensor, const std::string& label,
                                const std::string& fix);
  c10::IValue unknown_number(const torch::jit::Node& node, const at::Tensor& tensor);
  c10::IValue number_in(const at::Tensor& tensor, const c10::TypePtr& type);
  /// What tolist() gives: a number, or nested lists of them.
  c10::IValue numbers_of(const at::Tensor& tensor, const c10::TypePtr& type);
  /// The model fails with `refusal` for a tensor of any other number of elements.
  void check_one_element(const torch::jit::Node& node, const at::Tensor& tensor,
                         const std::string& refusal);
  c10::IValue to_list(torch::jit::Node& node, const Values& values);
  std::vector<c10::IValue> as_data_numbers(const torch::jit::Node& node, std::vector<c10::IValue> operands);
  void run_operator(torch::jit::Node& node, Values& values);
  [[noreturn]] void fail_operator(const torch::jit::Node& node, const std::string& reason);

  c10::IValue constant(torch::jit::Node& node);
  std::vector<c10::IValue> inputs(torch::jit::Node& node, const Values& values) const;
  void set_outputs(torch::jit::Node& node, Values& values, std::vector<c10::IValue> results);

  Tracer& tracer_;
  TracedModule& module_;
  SourcePlaces places_;
  std::unordered_map<const torch::jit::Node*, c10::IValue> constants_;
  std::unordered_map<const torch::jit::Node*, torch::jit::Operation> operations_;
  Walk walk_ = Walk::Plain;
  std::vector<Journal*> journals_;
  /// Tensors from outside that a branch or loop would write to.
  std::unordered_set<const void*> written_outside_;
  MaybeOne maybe_one_;
  int depth_ = 0;
};

}  // namespace tx::capture::torchscript
