#include "serialize/schema_text.h"

#include <doctest/doctest.h>

using namespace tx::serialize;
using Base = SchemaType::Base;
using Wrapper = SchemaType::Wrapper;

TEST_CASE("the name is the one graphs use") {
  CHECK(parse_schema("aten::relu(Tensor self) -> Tensor")->op == "aten.relu.default");
  CHECK(parse_schema("aten::add.Tensor(Tensor self) -> Tensor")->op == "aten.add.Tensor");
  CHECK(parse_schema("aten::f() -> ()")->arguments.empty());
}

TEST_CASE("arguments with types, defaults and the keyword-only mark") {
  const Schema s = *parse_schema(
      "ns::f.o(Tensor(a!) self, Tensor?[] indices, SymInt[2]? pad=[1, 2], Dict(str, Tensor) d, *, "
      "str mode=\"a), b=\\\"\", (int, float) pair, __torch__.torch.classes.x.Y y, "
      "ScalarType? dtype=None, Tensor(b)[] list) -> (Tensor(a!), int)");
  REQUIRE(s.arguments.size() == 9);
  const auto check = [&](size_t i, const char* name, Base base, std::vector<Wrapper> wrappers,
                         bool has_default, bool keyword_only) {
    CAPTURE(name);
    CHECK(s.arguments[i].name == name);
    CHECK(s.arguments[i].type.base == base);
    CHECK(s.arguments[i].type.wrappers == wrappers);
    CHECK(s.arguments[i].has_default == has_default);
    CHECK(s.arguments[i].keyword_only == keyword_only);
  };
  check(0, "self", Base::Tensor, {}, false, false);
  check(1, "indices", Base::Tensor, {Wrapper::Optional, Wrapper::List}, false, false);
  check(2, "pad", Base::Int, {Wrapper::SizedList, Wrapper::Optional}, true, false);
  check(3, "d", Base::Any, {}, false, false);
  check(4, "mode", Base::String, {}, true, true);
  check(5, "pair", Base::Any, {}, false, true);
  check(6, "y", Base::Any, {}, false, true);
  check(7, "dtype", Base::DType, {Wrapper::Optional}, true, true);
  check(8, "list", Base::Tensor, {Wrapper::List}, false, true);
}

TEST_CASE("variadic schemas") {
  const Schema s = *parse_schema("aten::format(str self, ...) -> str");
  CHECK(s.variadic);
  CHECK(s.arguments.size() == 1);
}

TEST_CASE("what is no schema is refused") {
  for (const char* text :
       {"", "relu", "aten::relu", "aten::relu(", "aten::relu(Tensor", "aten::relu(Tensor self",
        "aten::relu(Tensor self)", "::relu() -> Tensor", "aten::() -> Tensor", "f(Tensor x) -> Tensor",
        "aten::f(Tensor) -> Tensor", "aten::f(Tensor x y) -> Tensor", "aten::f(int[ x) -> int",
        "aten::f(str x=\"a) -> str", "aten::f((int x) -> int"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_schema(text).has_value());
  }
}
