// Enumerations of the program in memory and of the file, side by side (private to lib/serialize).
#pragma once
#include <optional>
#include <utility>

#include "ir/program.h"
#include "program_generated.h"

namespace tx::serialize {

namespace fb = ::txp;

template <class Memory, class File>
struct EnumPair {
  Memory memory;
  File file;
};

#define TX_PAIR(memory_type, file_type, name) {memory_type::name, fb::file_type::name}
#define TX_PAIRS(type) inline constexpr EnumPair<ir::type, fb::type> k##type##Pairs[]

TX_PAIRS(DType) = {
#define TX_DTYPE(name) TX_PAIR(ir::DType, DType, name)
    TX_DTYPE(U8),       TX_DTYPE(I8),         TX_DTYPE(I16),    TX_DTYPE(I32),
    TX_DTYPE(I64),      TX_DTYPE(F16),        TX_DTYPE(F32),    TX_DTYPE(F64),
    TX_DTYPE(C32),      TX_DTYPE(C64),        TX_DTYPE(C128),   TX_DTYPE(Bool),
    TX_DTYPE(QI8),      TX_DTYPE(QU8),        TX_DTYPE(QI32),   TX_DTYPE(BF16),
    TX_DTYPE(QU4x2),    TX_DTYPE(QU2x4),      TX_DTYPE(Bits1x8), TX_DTYPE(Bits2x4),
    TX_DTYPE(Bits4x2),  TX_DTYPE(Bits8),      TX_DTYPE(Bits16), TX_DTYPE(F8E5M2),
    TX_DTYPE(F8E4M3FN), TX_DTYPE(F8E5M2FNUZ), TX_DTYPE(F8E4M3FNUZ), TX_DTYPE(U16),
    TX_DTYPE(U32),      TX_DTYPE(U64),
#undef TX_DTYPE
};
TX_PAIRS(Layout) = {
    TX_PAIR(ir::Layout, Layout, Strided),
    TX_PAIR(ir::Layout, Layout, Sparse),
    TX_PAIR(ir::Layout, Layout, SparseCsr),
    TX_PAIR(ir::Layout, Layout, Mkldnn),
};
TX_PAIRS(MemoryFormat) = {
    TX_PAIR(ir::MemoryFormat, MemoryFormat, Contiguous),
    TX_PAIR(ir::MemoryFormat, MemoryFormat, Preserve),
    TX_PAIR(ir::MemoryFormat, MemoryFormat, ChannelsLast),
    TX_PAIR(ir::MemoryFormat, MemoryFormat, ChannelsLast3d),
};
TX_PAIRS(NodeKind) = {
    TX_PAIR(ir::NodeKind, NodeKind, Placeholder),
    TX_PAIR(ir::NodeKind, NodeKind, Call),
    TX_PAIR(ir::NodeKind, NodeKind, GetAttr),
};
TX_PAIRS(InputKind) = {
    TX_PAIR(ir::InputKind, InputKind, UserInput),
    TX_PAIR(ir::InputKind, InputKind, Parameter),
    TX_PAIR(ir::InputKind, InputKind, Buffer),
    TX_PAIR(ir::InputKind, InputKind, ConstantTensor),
};
TX_PAIRS(OutputKind) = {
    TX_PAIR(ir::OutputKind, OutputKind, UserOutput),
    TX_PAIR(ir::OutputKind, OutputKind, BufferMutation),
    TX_PAIR(ir::OutputKind, OutputKind, UserInputMutation),
};
TX_PAIRS(TreeKind) = {
    TX_PAIR(ir::TreeKind, TreeKind, Leaf),
    TX_PAIR(ir::TreeKind, TreeKind, Tuple),
    TX_PAIR(ir::TreeKind, TreeKind, List),
    TX_PAIR(ir::TreeKind, TreeKind, Dict),
    TX_PAIR(ir::TreeKind, TreeKind, NamedTuple),
};
#undef TX_PAIRS
inline constexpr EnumPair<symbolic::Op, fb::ExpressionOp> kOpPairs[] = {
#define TX_OP(name) TX_PAIR(symbolic::Op, ExpressionOp, name)
    TX_OP(Constant), TX_OP(Symbol),  TX_OP(Add),     TX_OP(Mul),      TX_OP(FloorDiv),
    TX_OP(Mod),      TX_OP(Min),     TX_OP(Max),     TX_OP(False),    TX_OP(True),
    TX_OP(Eq),       TX_OP(Ne),      TX_OP(Lt),      TX_OP(Le),       TX_OP(And),
    TX_OP(Or),       TX_OP(Not),     TX_OP(Real),    TX_OP(ToFloat),  TX_OP(TrueDiv),
    TX_OP(FloatAdd), TX_OP(FloatMul), TX_OP(Floor),  TX_OP(Ceil),     TX_OP(Trunc),
#undef TX_OP
};
#undef TX_PAIR

/// The file's number of an enumerator; 0, "unknown", when it has none yet.
template <class Memory, class File, size_t n>
File to_file(const EnumPair<Memory, File> (&pairs)[n], Memory value) {
  for (const auto& pair : pairs)
    if (pair.memory == value) return pair.file;
  return File{};
}
template <class Memory, class File, size_t n>
std::optional<Memory> from_file(const EnumPair<Memory, File> (&pairs)[n], File value) {
  for (const auto& pair : pairs)
    if (pair.file == value) return pair.memory;
  return std::nullopt;
}

}  // namespace tx::serialize
