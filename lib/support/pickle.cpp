#include "support/pickle.h"

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <unordered_map>

namespace tx::support::pickle {
namespace {

// Opcodes of the protocols 0 to 5, as in Python's pickletools.
enum Opcode : unsigned char {
  kMark = '(', kStop = '.', kPop = '0', kPopMark = '1', kDup = '2', kFloat = 'F', kInt = 'I',
  kBinInt = 'J', kBinInt1 = 'K', kLong = 'L', kBinInt2 = 'M', kNone = 'N', kPersId = 'P',
  kBinPersId = 'Q', kReduce = 'R', kString = 'S', kBinString = 'T', kShortBinString = 'U',
  kUnicode = 'V', kBinUnicode = 'X', kAppend = 'a', kBuild = 'b', kGlobal = 'c', kDict = 'd',
  kEmptyDict = '}', kAppends = 'e', kGet = 'g', kBinGet = 'h', kInst = 'i', kLongBinGet = 'j',
  kList = 'l', kEmptyList = ']', kObj = 'o', kPut = 'p', kBinPut = 'q', kLongBinPut = 'r',
  kSetItem = 's', kTuple = 't', kEmptyTuple = ')', kSetItems = 'u', kBinFloat = 'G',
  kBinBytes = 'B', kShortBinBytes = 'C', kProto = 0x80, kNewObj = 0x81, kTuple1 = 0x85,
  kTuple2 = 0x86, kTuple3 = 0x87, kNewTrue = 0x88, kNewFalse = 0x89, kLong1 = 0x8a, kLong4 = 0x8b,
  kShortBinUnicode = 0x8c, kBinUnicode8 = 0x8d, kBinBytes8 = 0x8e, kEmptySet = 0x8f,
  kAddItems = 0x90, kFrozenSet = 0x91, kNewObjEx = 0x92, kStackGlobal = 0x93, kMemoize = 0x94,
  kFrame = 0x95, kByteArray8 = 0x96,
};

// A value takes some 170 bytes of memory but may take one byte of the file.
constexpr size_t kMaxValues = 10'000'000;

}  // namespace

/// The pickle machine: a stack of values and a memo.
class Machine {
 public:
  Machine(std::string_view bytes, Pickle& out) : bytes_(bytes), out_(out) {}

  void run() {
    while (true) {
      const auto opcode = static_cast<Opcode>(unsigned_number<uint8_t>());
      if (opcode == kStop) break;
      if (!step_container(opcode) && !step_literal(opcode)) {
        throw PickleError("an opcode that data files do not contain (" +
                          std::to_string(int{opcode}) + ")");
      }
    }
    out_.root_ = pop();
    out_.consumed_ = at_;
  }

 private:
  std::string_view take(uint64_t size) {
    if (size > bytes_.size() - at_) throw PickleError("the pickle is cut off");
    const std::string_view taken = bytes_.substr(at_, size);
    at_ += size;
    return taken;
  }
  template <class T>
  T unsigned_number() {
    const std::string_view bytes = take(sizeof(T));
    T value = 0;
    for (size_t i = sizeof(T); i-- > 0;) {
      value = static_cast<T>((uint64_t{value} << 8) | static_cast<unsigned char>(bytes[i]));
    }
    return value;
  }
  std::string_view line() {
    const size_t end = bytes_.find('\n', at_);
    if (end == std::string_view::npos) throw PickleError("the pickle is cut off");
    const std::string_view text = take(end - at_);
    take(1);
    return text;
  }

  Value* make(Kind kind) {
    if (out_.values_.size() >= kMaxValues) throw PickleError("more values than data files contain");
    out_.values_.emplace_back().kind = kind;
    return &out_.values_.back();
  }
  Value* make_int(int64_t integer) {
    Value* value = make(Kind::Int);
    value->integer = integer;
    return value;
  }
  Value* make_text(Kind kind, std::string_view text) {
    Value* value = make(kind);
    value->text = text;
    return value;
  }
  Value* make_bool(bool boolean) {
    Value* value = make(Kind::Bool);
    value->boolean = boolean;
    return value;
  }
  Value* make_object(Value* callable, Value* args, bool constructed) {
    Value* value = make(Kind::Object);
    value->callable = callable;
    value->args = args;
    value->constructed = constructed;
    return value;
  }
  Value* make_tuple(std::vector<Value*> items) {
    Value* value = make(Kind::Tuple);
    value->items = std::move(items);
    return value;
  }
  // Two's complement, little endian, of any length.
  Value* make_long(std::string_view bytes) {
    if (bytes.size() > sizeof(int64_t)) return make_text(Kind::BigInt, bytes);
    uint64_t value = 0;
    for (size_t i = bytes.size(); i-- > 0;) {
      value = (value << 8) | static_cast<unsigned char>(bytes[i]);
    }
    const bool negative = !bytes.empty() && (bytes.back() & 0x80);
    if (negative && bytes.size() < sizeof(int64_t)) value |= ~uint64_t{0} << (8 * bytes.size());
    return make_int(static_cast<int64_t>(value));
  }
  Value* parse_int(std::string_view text) {
    if (text == "00") return make_bool(false);  // protocol 1's way to write bools
    if (text == "01") return make_bool(true);
    if (!text.empty() && text.back() == 'L') text.remove_suffix(1);
    int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc::result_out_of_range) return make_text(Kind::BigInt, text);
    if (error != std::errc() || end != text.data() + text.size()) {
      throw PickleError("a malformed number");
    }
    return make_int(value);
  }
  Value* make_real(double real) {
    Value* value = make(Kind::Float);
    value->real = real;
    return value;
  }

  void push(Value* value) { stack_.push_back(value); }
  Value* pop() {
    if (stack_.size() <= floor()) throw PickleError("the pickle takes a value that is not there");
    Value* value = stack_.back();
    stack_.pop_back();
    return value;
  }
  Value* top() {
    Value* value = pop();
    push(value);
    return value;
  }
  Value* top_of(Kind kind, const char* what) {
    Value* value = top();
    if (value->kind != kind && value->kind != Kind::Object) {
      throw PickleError(std::string("the pickle treats something else as a ") + what);
    }
    return value;
  }
  size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }
  std::vector<Value*> pop_to_mark() {
    if (marks_.empty()) throw PickleError("the pickle has no matching mark");
    std::vector<Value*> items(stack_.begin() + static_cast<ptrdiff_t>(marks_.back()), stack_.end());
    stack_.resize(marks_.back());
    marks_.pop_back();
    return items;
  }
  void set_items(Value* target, const std::vector<Value*>& items) {
    if (items.size() % 2 != 0) throw PickleError("a key without a value");
    for (size_t i = 0; i < items.size(); i += 2)
      target->entries.emplace_back(items[i], items[i + 1]);
  }
  Value* global(std::string_view module, std::string_view name) {
    return make_text(Kind::Global, std::string(module) + "." + std::string(name));
  }
  Value* get(uint64_t key) {
    const auto found = memo_.find(key);
    if (found == memo_.end()) throw PickleError("the pickle recalls a value it never kept");
    return found->second;
  }
  uint64_t memo_key(std::string_view text) {
    uint64_t key = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), key);
    if (error != std::errc() || end != text.data() + text.size()) {
      throw PickleError("a malformed number");
    }
    return key;
  }

  bool step_container(Opcode opcode);
  bool step_literal(Opcode opcode);

  std::string_view bytes_;
  Pickle& out_;
  size_t at_ = 0;
  std::vector<Value*> stack_;
  std::vector<size_t> marks_;
  std::unordered_map<uint64_t, Value*> memo_;
};

bool Machine::step_container(Opcode opcode) {
  switch (opcode) {
    case kMark: marks_.push_back(stack_.size()); return true;
    case kPop:
      if (!marks_.empty() && marks_.back() == stack_.size()) marks_.pop_back();
      else pop();
      return true;
    case kPopMark: pop_to_mark(); return true;
    case kDup: push(top()); return true;
    case kEmptyTuple: push(make(Kind::Tuple)); return true;
    case kTuple: push(make_tuple(pop_to_mark())); return true;
    case kTuple1: { Value* a = pop(); push(make_tuple({a})); return true; }
    case kTuple2: { Value* b = pop(); Value* a = pop(); push(make_tuple({a, b})); return true; }
    case kTuple3: {
      Value* c = pop();
      Value* b = pop();
      Value* a = pop();
      push(make_tuple({a, b, c}));
      return true;
    }
    case kEmptyList: push(make(Kind::List)); return true;
    case kList: {
      Value* list = make(Kind::List);
      list->items = pop_to_mark();
      push(list);
      return true;
    }
    case kAppend: {
      Value* item = pop();
      top_of(Kind::List, "list")->items.push_back(item);
      return true;
    }
    case kAppends: {
      const std::vector<Value*> items = pop_to_mark();
      Value* list = top_of(Kind::List, "list");
      list->items.insert(list->items.end(), items.begin(), items.end());
      return true;
    }
    case kEmptyDict: push(make(Kind::Dict)); return true;
    case kDict: {
      const std::vector<Value*> items = pop_to_mark();
      push(make(Kind::Dict));
      set_items(top(), items);
      return true;
    }
    case kSetItem: {
      Value* value = pop();
      Value* key = pop();
      top_of(Kind::Dict, "dict")->entries.emplace_back(key, value);
      return true;
    }
    case kSetItems: {
      const std::vector<Value*> items = pop_to_mark();
      set_items(top_of(Kind::Dict, "dict"), items);
      return true;
    }
    case kEmptySet: push(make(Kind::Set)); return true;
    case kFrozenSet: {
      Value* set = make(Kind::Set);
      set->items = pop_to_mark();
      push(set);
      return true;
    }
    case kAddItems: {
      const std::vector<Value*> items = pop_to_mark();
      Value* set = top_of(Kind::Set, "set");
      set->items.insert(set->items.end(), items.begin(), items.end());
      return true;
    }
    case kReduce: case kNewObj: {
      Value* args = pop();
      Value* callable = pop();
      if (callable->kind != Kind::Global && callable->kind != Kind::Object &&
          callable->kind != Kind::Persistent) {  // a class in the format before torch 1.6
        throw PickleError("a call of something that is no class or function");
      }
      // TorchScript writes the value of an enum without a tuple around it.
      if (args->kind != Kind::Tuple) args = make_tuple({args});
      push(make_object(callable, args, opcode == kNewObj));
      return true;
    }
    case kNewObjEx: {
      Value* kwargs = pop();
      Value* args = pop();
      Value* callable = pop();
      if (args->kind != Kind::Tuple) throw PickleError("the arguments of a call are no tuple");
      push(make_object(callable, args, true));
      top()->state = kwargs;
      return true;
    }
    case kInst: {
      const std::string_view module = line();
      Value* cls = global(module, line());
      push(make_object(cls, make_tuple(pop_to_mark()), false));
      return true;
    }
    case kObj: {
      std::vector<Value*> items = pop_to_mark();
      if (items.empty()) throw PickleError("an object without a class");
      Value* cls = items.front();
      items.erase(items.begin());
      push(make_object(cls, make_tuple(std::move(items)), false));
      return true;
    }
    case kBuild: {
      Value* state = pop();
      if (top()->kind == Kind::Object) top()->state = state;
      return true;
    }
    default: return false;
  }
}

bool Machine::step_literal(Opcode opcode) {
  switch (opcode) {
    case kProto:
      if (unsigned_number<uint8_t>() > 5) throw PickleError("a protocol newer than 5");
      return true;
    case kFrame: take(8); return true;
    case kNone: push(make(Kind::None)); return true;
    case kNewTrue: push(make_bool(true)); return true;
    case kNewFalse: push(make_bool(false)); return true;
    case kBinInt: push(make_int(static_cast<int32_t>(unsigned_number<uint32_t>()))); return true;
    case kBinInt1: push(make_int(unsigned_number<uint8_t>())); return true;
    case kBinInt2: push(make_int(unsigned_number<uint16_t>())); return true;
    case kInt: case kLong: push(parse_int(line())); return true;
    case kLong1: push(make_long(take(unsigned_number<uint8_t>()))); return true;
    case kLong4: push(make_long(take(unsigned_number<uint32_t>()))); return true;
    case kFloat: {
      const std::string text(line());
      char* end = nullptr;
      const double real = std::strtod(text.c_str(), &end);
      if (text.empty() || *end != '\0') throw PickleError("a malformed number");
      push(make_real(real));
      return true;
    }
    case kBinFloat: {
      uint64_t bits = 0;  // big endian, alone among the numbers
      for (const char byte : take(8)) bits = (bits << 8) | static_cast<unsigned char>(byte);
      double real = 0;
      std::memcpy(&real, &bits, sizeof real);
      push(make_real(real));
      return true;
    }
    case kString: {
      std::string_view text = line();
      if (text.size() < 2 || text.front() != text.back()) throw PickleError("a malformed string");
      text.remove_prefix(1);
      text.remove_suffix(1);
      push(make_text(Kind::String, text));
      return true;
    }
    case kUnicode: push(make_text(Kind::String, line())); return true;
    case kBinString: case kBinUnicode:
      push(make_text(Kind::String, take(unsigned_number<uint32_t>())));
      return true;
    case kShortBinString: case kShortBinUnicode:
      push(make_text(Kind::String, take(unsigned_number<uint8_t>())));
      return true;
    case kBinUnicode8:
      push(make_text(Kind::String, take(unsigned_number<uint64_t>())));
      return true;
    case kBinBytes: push(make_text(Kind::Bytes, take(unsigned_number<uint32_t>()))); return true;
    case kShortBinBytes:
      push(make_text(Kind::Bytes, take(unsigned_number<uint8_t>())));
      return true;
    case kBinBytes8: case kByteArray8:
      push(make_text(Kind::Bytes, take(unsigned_number<uint64_t>())));
      return true;
    case kGlobal: {
      const std::string_view module = line();
      push(global(module, line()));
      return true;
    }
    case kStackGlobal: {
      const Value* name = pop();
      const Value* module = pop();
      if (name->kind != Kind::String || module->kind != Kind::String) {
        throw PickleError("the name of a class is no string");
      }
      push(global(module->text, name->text));
      return true;
    }
    case kPersId: {
      Value* id = make_text(Kind::String, line());
      push(make(Kind::Persistent));
      top()->args = id;
      return true;
    }
    case kBinPersId: {
      Value* id = pop();
      push(make(Kind::Persistent));
      top()->args = id;
      return true;
    }
    case kGet: push(get(memo_key(line()))); return true;
    case kBinGet: push(get(unsigned_number<uint8_t>())); return true;
    case kLongBinGet: push(get(unsigned_number<uint32_t>())); return true;
    case kPut: memo_[memo_key(line())] = top(); return true;
    case kBinPut: memo_[unsigned_number<uint8_t>()] = top(); return true;
    case kLongBinPut: memo_[unsigned_number<uint32_t>()] = top(); return true;
    case kMemoize: memo_[memo_.size()] = top(); return true;
    default: return false;
  }
}

Pickle::Pickle(std::string_view bytes) { Machine(bytes, *this).run(); }

}  // namespace tx::support::pickle
