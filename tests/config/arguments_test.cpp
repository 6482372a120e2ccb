// The command line: what is an option, what is a word, and that nothing is guessed.
#include "config/arguments.hpp"

#include "tests/support/support.hpp"

using namespace rootlet;
using rootlet::test::code_of;
using rootlet::test::must;

namespace {

const std::vector<OptionSpec> kOptions = {
    {.name = "json", .kind = OptionSpec::Kind::kSwitch},
    {.name = "limit", .kind = OptionSpec::Kind::kValue, .value_name = "N"},
    {.name = "where", .kind = OptionSpec::Kind::kList, .value_name = "FILTER"},
};

Result<Arguments> parse(std::vector<std::string> words) {
  return parse_arguments(kOptions, words);
}

}  // namespace

TEST_CASE("arguments: options and words may be mixed, lists repeat") {
  const Arguments arguments = must(parse({"villages", "--where", "code=like.33*", "--json",
                                          "--where=name=eq.a", "--limit=0", "-", "--", "--x"}));
  CHECK(arguments.positionals() == std::vector<std::string>{"villages", "-", "--x"});
  CHECK(arguments.values("where") == std::vector<std::string>{"code=like.33*", "name=eq.a"});
  CHECK(arguments.value("limit") == "0");
  CHECK(arguments.has("json"));
}

TEST_CASE("arguments: unknown options are all named, none is guessed from a prefix") {
  const Result<Arguments> unknown = parse({"--lim", "3", "--jsno"});
  CHECK(code_of(unknown) == ErrorCode::kUsage);
  CHECK(unknown.error().message == "unknown option: --lim, --jsno");
  CHECK(code_of(parse({"--limit"})) == ErrorCode::kUsage);
  CHECK(code_of(parse({"--limit", "1", "--limit", "2"})) == ErrorCode::kUsage);
  CHECK(code_of(parse({"--json=yes"})) == ErrorCode::kUsage);
}

TEST_CASE("arguments: the command is the first word that belongs to no option") {
  const auto find = [](std::vector<std::string> words) { return find_command(kOptions, words); };
  CHECK(find({"status", "--json"}) == 0);
  CHECK(find({"--limit", "5", "status"}) == 2);
  CHECK(find({"--limit=5", "--json", "status"}) == 2);
  CHECK(find({"--json"}) == 1);
}
