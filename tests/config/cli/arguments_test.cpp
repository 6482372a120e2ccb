// The words of a command line: what is an option, what is a positional, and that nothing is
// guessed.
#include "config/cli/arguments.hpp"

#include "config/cli/suggestion.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using rootlet::test::code_of;
using rootlet::test::must;

namespace {

const std::vector<OptionSpec> kOptions = {
    {.name = "json"},
    {.name = "limit", .value_name = "N"},
    {.name = "where", .value_name = "FILTER", .may_repeat = true},
    {.name = "until", .value_name = "DAY"},
};

const Command kShow{.name = "show",
                    .positionals = {{.name = "DATASET"}, {.name = "KEY", .is_optional = true}},
                    .options = {{.name = "purpose",
                                 .value_name = "P",
                                 .help = {.en = "what for", .zh = "用途"},
                                 .is_required = true}}};

Result<Arguments> parse(std::vector<std::string> words) {
  return parse_arguments(kOptions, words);
}

Status bind(std::vector<std::string> words) {
  Arguments arguments = must(parse_arguments(kShow.options, words));
  return arguments.name_positionals(kShow, "rootlet show …");
}

}  // namespace

TEST_CASE("arguments: options and positionals may be mixed, lists repeat") {
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
  CHECK(unknown.error().hint.en == "Did you mean --limit or --json?");
  CHECK(code_of(parse({"--limit"})) == ErrorCode::kUsage);
  CHECK(code_of(parse({"--json=yes"})) == ErrorCode::kUsage);
}

TEST_CASE("arguments: options that are given more than once are all named") {
  const Result<Arguments> doubled =
      parse({"--limit", "1", "--until", "a", "--limit", "2", "--until", "b", "--json", "--json"});
  CHECK(code_of(doubled) == ErrorCode::kUsage);
  CHECK(doubled.error().message == "given more than once: --limit, --until");
}

TEST_CASE("arguments: the command is the first word that belongs to no option") {
  const auto find = [](std::vector<std::string> words) { return find_positional(kOptions, words); };
  CHECK(find({"status", "--json"}) == 0);
  CHECK(find({"--limit", "5", "status"}) == 2);
  CHECK(find({"--limit=5", "--json", "status"}) == 2);
  CHECK(find({"--json"}) == 1);
  CHECK(find_positional(kOptions, std::vector<std::string>{"outbox", "--json", "list"}, 1) == 2);
}

TEST_CASE("arguments: a missing or superfluous positional and a missing option are named") {
  CHECK(bind({"villages", "--purpose", "p"}).has_value());
  CHECK(bind({"villages", "330402", "--purpose", "p"}).has_value());
  CHECK(bind({"--purpose", "p"}).error().message ==
        "show: DATASET is missing; usage: rootlet show …");
  CHECK(bind({"a", "b", "c", "--purpose", "p"}).error().message ==
        "show: unexpected argument \"c\"; usage: rootlet show …");
  const Error error = bind({"villages"}).error();
  CHECK(error.message == "show: --purpose is missing; usage: rootlet show …");
  CHECK(error.hint.en == "--purpose P: what for");
}

TEST_CASE("arguments: numbers keep to their range, lists are split at commas") {
  const Arguments arguments = must(parse({"--limit", "7x", "--until", "33,,3204,"}));
  CHECK(arguments.list("until") == std::vector<std::string>{"33", "3204"});
  CHECK(code_of(arguments.number("limit", 0, 9, 1)) == ErrorCode::kUsage);
  CHECK(must(arguments.number("absent", 0, 9, 1)) == 1);
  CHECK(must(must(parse({"--limit", "9"})).number("limit", 0, 9, 1)) == 9);
  CHECK(code_of(must(parse({"--limit", "10"})).number("limit", 0, 9, 1)) == ErrorCode::kUsage);
}

TEST_CASE("suggestions: near words only, two at most") {
  CHECK(edit_distance("publish", "publish") == 0);
  CHECK(edit_distance("publsh", "publish") == 1);
  CHECK(edit_distance("sycn", "sync") == 1);  // two letters swapped
  CHECK(edit_distance("", "run") == 3);
  const std::vector<std::string> known = {"show", "sync", "search", "status", "stat"};
  CHECK(nearest_words("sycn", known) == std::vector<std::string>{"sync"});
  CHECK(nearest_words("stats", known) == std::vector<std::string>{"stat", "status"});
  CHECK(nearest_words("xy", known).empty());
  CHECK(nearest_words("SYNC", known) == std::vector<std::string>{"sync"});
  CHECK(nearest_words("sear", known) == std::vector<std::string>{"search"});
  CHECK(nearest_words("名称", {"姓名", "统计用区划代码"}).empty());
  CHECK(nearest_words("统计用区号代码", {"姓名", "统计用区划代码"}) ==
        std::vector<std::string>{"统计用区划代码"});
  CHECK(did_you_mean({}).empty());
}
