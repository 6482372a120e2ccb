// docs/definitions.md, the JSON Schemas for editors and the programs' parsers say the same;
// `dataset check` and `form check` name every mistake.
#include <set>

#include "core/format/mistakes.hpp"
#include "sync/pack/table/dataset.hpp"
#include "sync/uplink/form/form.hpp"
#include "tests/platform/cli/program.hpp"

using namespace rootlet;
using namespace rootlet::test;

namespace {

std::string document(const char* name) {
  return file_text(std::filesystem::path(DOCS) / name);
}

// The JSON blocks of docs/definitions.md: a dataset, then a form.
std::string documented_example(std::size_t number) {
  const std::string text = document("definitions.md");
  std::size_t begin = 0, end = 0;
  for (std::size_t i = 0; i <= number; ++i) {
    begin = text.find("```json\n", end) + 8;
    end = text.find("```", begin);
    REQUIRE(end != std::string::npos);
  }
  return text.substr(begin, end - begin);
}

// Every key of `value` and of the objects inside it, without those of texts in two languages.
void collect_keys(const json::value& value, std::set<std::string>& keys) {
  if (const json::object* object = value.if_object()) {
    for (const auto& [key, inner] : *object) {
      keys.insert(std::string(key));
      collect_keys(inner, keys);
    }
  } else if (const json::array* items = value.if_array()) {
    for (const json::value& item : *items) collect_keys(item, keys);
  }
}

// The keys that a schema names under "properties", at any depth.
void collect_properties(const json::value& value, std::set<std::string>& keys) {
  if (const json::object* object = value.if_object()) {
    for (const auto& [key, inner] : *object) {
      const bool declares = key == "properties" && object->contains("additionalProperties");
      if (declares) {
        for (const auto& [name, rule] : inner.get_object()) keys.insert(std::string(name));
      }
      collect_properties(inner, keys);
    }
  } else if (const json::array* items = value.if_array()) {
    for (const json::value& item : *items) collect_properties(item, keys);
  }
}

std::set<std::string> keys_of(const std::string& text) {
  std::set<std::string> keys;
  collect_keys(must(parse_json(text, "example")), keys);
  return keys;
}

std::set<std::string> properties_of(const char* schema) {
  std::set<std::string> keys;
  collect_properties(must(parse_json(document(schema), schema)), keys);
  return keys;
}

Said checked(const TempDir& folder, const char* kind, std::string_view text) {
  std::ofstream(folder / "given.json", std::ios::binary) << text;
  return Program(folder.path(), {kind, "check", folder / "given.json", "--json"}).wait();
}

}  // namespace

TEST_CASE("definitions: the documented examples are accepted, with every key that a schema knows") {
  const std::string dataset = documented_example(0), form = documented_example(1);
  must(DatasetDefinition::parse(dataset, "dataset"));
  must(FormDefinition::parse(form, "form"));
  const std::string text = document("definitions.md");
  for (const char* schema : {"schema/dataset.schema.json", "schema/form.schema.json"}) {
    for (const std::string& key : properties_of(schema)) {
      CHECK_MESSAGE(text.find("`" + key + "`") != std::string::npos,
                    "docs/definitions.md does not explain " << key);
    }
  }
  // "reason" and "basis" belong to a dataset that is not shared.
  std::set<std::string> expected = properties_of("schema/dataset.schema.json");
  for (const char* key : {"reason", "basis"}) expected.erase(key);
  CHECK(keys_of(dataset) == expected);
  CHECK(keys_of(form) == properties_of("schema/form.schema.json"));
}

TEST_CASE("definitions: a key that no schema knows is a mistake for the parser") {
  std::string dataset = documented_example(0);
  dataset.insert(dataset.find("\"format\""), "\"colour\": 1, ");
  CHECK(DatasetDefinition::parse(dataset, "dataset").error().field == "colour");
  std::string form = documented_example(1);
  form.insert(form.find("\"review\""), "\"colour\": 1, ");
  CHECK(FormDefinition::parse(form, "form").error().field == "colour");
}

TEST_CASE("definitions: dataset check names every mistake with its line") {
  const TempDir folder;
  std::string text = documented_example(0);
  const auto spoil = [&](std::string_view from, std::string_view to) {
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    text.replace(at, from.size(), to);
  };
  spoil("\"subsidies\"", "\"Subsidies\"");
  spoil("\"monthly\"", "\"sometimes\"");
  spoil("\"type\": \"integer\"", "\"type\": \"int\"");
  spoil("\"accept_changes\": 20", "\"accept_changes\": 120");
  const Said said = checked(folder, "dataset", text);
  CHECK(said.exit_code == 8);
  const json::object answer = said.json().as_object();
  CHECK_FALSE(answer.at("valid").as_bool());
  std::vector<std::string> fields;
  for (const json::value& mistake : answer.at("mistakes").as_array()) {
    fields.emplace_back(mistake.at("field").as_string());
    CHECK(mistake.at("line").as_int64() > 1);
  }
  CHECK(fields ==
        std::vector<std::string>{"id", "update", "columns[4].type", "publish.accept_changes"});
}

TEST_CASE("definitions: form check shows what a clerk would see, or every mistake") {
  const TempDir folder;
  std::string text = documented_example(1);
  std::ofstream(folder / "form.json") << text;
  const Said shown = Program(folder.path(), {"form", "check", folder / "form.json"}).wait();
  CHECK(shown.exit_code == 0);
  for (const char* words :
       {"Household visit", "Check who is entitled", "subsidies.head", "keep, stop"}) {
    CHECK_MESSAGE(shown.out.find(words) != std::string::npos, words);
  }
  const auto spoil = [&](std::string_view from, std::string_view to) {
    text.replace(text.find(from), from.size(), to);
  };
  spoil("\"retention_days\": 365", "\"retention_days\": \"one year\"");
  spoil("\"min\": 1,", "\"min\": \"one\",");
  spoil("\"key_field\": \"household\"", "\"key_field\": \"house\"");
  const Said said = checked(folder, "form", text);
  CHECK(said.exit_code == 8);
  CHECK(said.json().at("mistakes").as_array().size() == 3);
}

TEST_CASE("definitions: the examples' definitions pass their checks") {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(STORIES)) {
    const std::string name = entry.path().filename();
    if (name.ends_with(".dataset.json")) {
      must(DatasetDefinition::parse(file_text(entry.path()), name));
    } else if (name.ends_with(".form.json")) {
      must(FormDefinition::parse(file_text(entry.path()), name));
    }
  }
}
