#include "decomp/decompose.h"

#include <algorithm>
#include <unordered_map>

#include "decomp/operator_names.h"
#include "decomp/retrace.h"
#include "diag/diagnostic.h"
#include "symbolic/shape_env.h"

namespace tx::decomp {
namespace {

// Rules reach calls that functionalization makes below them in the next round. No chain is longer.
constexpr int kMaxRounds = 8;

void resume(symbolic::ShapeEnv& env, const ir::Program& program) {
  const auto range_of = [](const ir::Range& range) {
    return symbolic::Range{range.min, range.max == ir::kUnbounded ? symbolic::kNoBound : range.max};
  };
  std::vector<symbolic::KnownSymbol> symbols;
  for (const ir::SymbolInfo& symbol : program.symbols) {
    symbolic::Range range = range_of(symbol.range);
    if (symbol.needs_at_least_2) range.min = std::max<int64_t>(range.min, 2);
    symbols.push_back({symbol.name, range, symbol.hint, symbol.origin.has_value()});
  }
  std::vector<ir::Expr> conditions;
  for (const auto& [expr, range] : program.range_constraints) {
    if (expr.is_symbol()) continue;
    conditions.push_back(symbolic::ge(expr, ir::Expr(range.min)));
    if (range.max != ir::kUnbounded) conditions.push_back(symbolic::le(expr, ir::Expr(range.max)));
  }
  for (const ir::Guard& guard : program.guards) conditions.push_back(guard.condition);
  env.resume(symbols, conditions);
}

class Decomposer {
 public:
  Decomposer(ir::Program& program, const Plan& plan) : program_(program), plan_(plan) {
    resume(env_, program);
  }

  Decomposed run() {
    visit(program_.graph);
    return std::move(result_);
  }

 private:
  void visit(ir::Graph& graph) {
    for (auto& [name, subgraph] : graph.subgraphs) visit(*subgraph);
    for (int round = 0;; ++round) {
      if (round == kMaxRounds) {
        diag::fail(diag::Code::TX0070, "a decomposition does not come to an end");
      }
      Retraced retraced = retrace(program_, graph, plan_, env_);
      result_.expanded += retraced.expanded;
      if (retraced.unfinished) continue;
      std::move(retraced.refusals.begin(), retraced.refusals.end(),
                std::back_inserter(result_.refusals));
      return;
    }
  }

  ir::Program& program_;
  const Plan& plan_;
  symbolic::ShapeEnv env_;
  Decomposed result_;
};

}  // namespace

Decomposed decompose(ir::Program& program, const Plan& plan) {
  return Decomposer(program, plan).run();
}

namespace {

std::string reason_of(const c10::OperatorHandle& op, const Plan& plan,
                      const std::vector<Refusal>& refusals) {
  if (plan.action(op) == Action::Keep) return "--keep";
  const std::string target = target_of(op);
  const auto refused = std::find_if(refusals.begin(), refusals.end(),
                                    [&](const Refusal& r) { return r.target == target; });
  if (refused != refusals.end()) return refused->reason;
  return "there is no decomposition of it";
}

void collect(const ir::Program& program, const ir::Graph& graph, const Plan& plan,
             const std::vector<Refusal>& refusals, std::vector<NotCore>& result) {
  for (const ir::Node& node : graph.nodes) {
    if (node.kind != ir::NodeKind::Call) continue;
    const auto op = operator_of(node.target);
    // What is no operator here and has no schema either: getitem, arithmetic, control flow.
    if (!op && !program.schemas.contains(node.target)) continue;
    if (op && is_core(*op)) continue;
    const auto known = std::find_if(result.begin(), result.end(),
                                    [&](const NotCore& n) { return n.target == node.target; });
    if (known != result.end()) {
      ++known->count;
      continue;
    }
    NotCore entry;
    entry.target = node.target;
    entry.count = 1;
    entry.custom = !node.target.starts_with("aten.");
    entry.reason = entry.custom || !op ? "a custom operator" : reason_of(*op, plan, refusals);
    entry.location = node.location;
    result.push_back(std::move(entry));
  }
  for (const auto& [name, subgraph] : graph.subgraphs) {
    collect(program, *subgraph, plan, refusals, result);
  }
}

}  // namespace

std::vector<NotCore> not_core(const ir::Program& program, const Plan& plan,
                              const std::vector<Refusal>& refusals) {
  std::vector<NotCore> result;
  collect(program, program.graph, plan, refusals, result);
  return result;
}

}  // namespace tx::decomp
