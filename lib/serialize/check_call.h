// Checks a call in a graph against the schema that the file gives for its operator (private to
// lib/serialize).
#pragma once
#include "ir/graph.h"
#include "serialize/damage.h"
#include "serialize/schema_text.h"

namespace tx::serialize {

/// `node` is about to follow `nodes`; its arguments refer to them. Throws (TX4002) when an argument
/// is too many, missing, given twice, unknown, or of a kind that the schema's type cannot take.
void check_call(const ir::Node& node, const std::vector<ir::Node>& nodes, const Schema& schema,
                const Damage& damage, const Where& where);

/// A getitem takes an element of a tuple that is there.
void check_getitem(const ir::Node& node, const std::vector<ir::Node>& nodes, const Damage& damage,
                   const Where& where);

}  // namespace tx::serialize
