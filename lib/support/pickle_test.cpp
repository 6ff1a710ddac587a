#include "support/pickle.h"

#include <doctest/doctest.h>

#include <cstring>

namespace tx::support::pickle {
namespace {

// Literal pickles end in `.`; the comments are the Python values they stand for.
std::string bytes(const char* text, size_t size) { return {text, size}; }
#define BYTES(text) bytes(text, sizeof(text) - 1)

TEST_CASE("numbers of every opcode") {
  CHECK(Pickle("I42\n.").root().integer == 42);
  CHECK(Pickle("I01\n.").root().boolean);
  CHECK(Pickle("L-5L\n.").root().integer == -5);
  CHECK(Pickle(BYTES("J\xff\xff\xff\xff.")).root().integer == -1);
  CHECK(Pickle(BYTES("K\xff.")).root().integer == 255);
  CHECK(Pickle(BYTES("M\x01\x02.")).root().integer == 513);
  CHECK(Pickle(BYTES("\x8a\x02\x00\x80.")).root().integer == -32768);
  CHECK(Pickle(BYTES("\x8a\x00.")).root().integer == 0);
  CHECK(Pickle(BYTES("\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x00\x01.")).root().kind == Kind::BigInt);
  CHECK(Pickle(BYTES("G\x3f\xf8\x00\x00\x00\x00\x00\x00.")).root().real == 1.5);
  CHECK(Pickle("F-0.25\n.").root().real == -0.25);
}

TEST_CASE("containers, shared values and consumed bytes") {
  const Pickle list("(lp0\nI1\naI2\na.rest");
  CHECK(list.root().kind == Kind::List);
  CHECK(list.root().items.size() == 2);
  CHECK(list.consumed() == 14);
  const Pickle dict(BYTES("\x80\x02}(X\x01\x00\x00\x00""aK\x01X\x01\x00\x00\x00""bNu."));
  CHECK_THROWS_AS(Pickle(BYTES("}(K\x01u.")), PickleError);
  CHECK(dict.root().kind == Kind::Dict);
  CHECK(dict.root().entries[1].first->text == "b");
  CHECK(dict.root().entries[1].second->kind == Kind::None);
  // [x, x] with x = (1, 2): one value twice.
  const Pickle shared(BYTES("](K\x01K\x02\x86q\x00h\x00""e."));
  CHECK(shared.root().items[0] == shared.root().items[1]);
  CHECK(shared.root().items[0]->items[1]->integer == 2);
  // A list that contains itself.
  const Pickle loop(BYTES("]\x94h\x00""a."));
  CHECK(loop.root().items[0] == &loop.root());
}

TEST_CASE("classes are names, calls are remembered") {
  const Pickle ordered(BYTES("ccollections\nOrderedDict\n)RX\x01\x00\x00\x00xK\x05s."));
  CHECK(ordered.root().object_type() == "collections.OrderedDict");
  CHECK(ordered.root().entries[0].first->text == "x");
  CHECK(ordered.root().entries[0].second->integer == 5);
  const Pickle object(BYTES("cpkg.mod\nNet\n)\x81}X\x01\x00\x00\x00wNsb."));
  CHECK(object.root().constructed);
  CHECK(object.root().object_type() == "pkg.mod.Net");
  CHECK(object.root().state->entries[0].first->text == "w");
  const Pickle by_stack(BYTES("\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x02ls\x85R."));
  CHECK(by_stack.root().object_type() == "os.system");  // named, never called
  CHECK(by_stack.root().args->items[0]->text == "ls");
  const Pickle storage(BYTES("X\x01\x00\x00\x00""0\x85Q."));
  CHECK(storage.root().kind == Kind::Persistent);
  CHECK(storage.root().args->items[0]->text == "0");
}

TEST_CASE("malformed pickles are errors") {
  for (const std::string& text :
       {std::string(), BYTES("K"), BYTES("."), BYTES("0."), BYTES("a."), BYTES("K\x01K\x02""a."),
        BYTES("h\x05."), BYTES("t."), BYTES("R."), BYTES("K\x01K\x02R."), BYTES("X\xff\xff\xff\xffxx."),
        BYTES("I1x\n."), BYTES("I"), BYTES("cabc"), BYTES("\x80\x09N."), BYTES("\x82\x01."),
        BYTES("b."), BYTES("(0K\x01s.")}) {
    CAPTURE(text);
    CHECK_THROWS_AS(Pickle{text}, PickleError);
  }
}

TEST_CASE("any damage to a pickle gives a value or an error") {
  const std::string whole = BYTES(
      "\x80\x02}(X\x01\x00\x00\x00""a](K\x01K\x02\x86q\x00h\x00""eX\x01\x00\x00\x00""bccollections\n"
      "OrderedDict\n)RX\x01\x00\x00\x00xG\x3f\xf8\x00\x00\x00\x00\x00\x00su.");
  CHECK(Pickle(whole).root().entries.size() == 2);
  for (size_t at = 0; at < whole.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string changed = whole;
      changed[at] = static_cast<char>(byte);
      try {
        const Pickle read(changed);
      } catch (const PickleError&) {
        // As good as a value.
      }
    }
  }
}

}  // namespace
}  // namespace tx::support::pickle
