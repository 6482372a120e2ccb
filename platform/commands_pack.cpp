// pack show: what a pack is made of.
#include <algorithm>

#include "platform/catalogue.hpp"
#include "platform/command.hpp"
#include "platform/print.hpp"
#include "platform/publisher_packs.hpp"
#include "sync/pack/explain.hpp"

namespace rootlet {
namespace {

constexpr std::size_t kShownPackBytes = std::size_t{1} << 30;

using SectionKeyList = std::vector<std::optional<SectionKey>>;

// The realm's keys to the pack's sections; a pack of a dataset that it does not know has none.
Result<SectionKeyList> keys_for(Registry& registry, const PackHeader& header) {
  SectionKeyList keys(header.sections.size());
  if (header.stream == kDirectoryStream) {
    ROOTLET_TRY(SymmetricKey key, registry.secret("directory-content"));
    keys.at(0) = SectionKey{directory_schema(), std::move(key)};
    return keys;
  }
  ROOTLET_TRY(const auto text, registry.dataset(header.stream.dataset));
  if (!text.has_value()) return keys;
  ROOTLET_TRY(const DatasetDefinition definition,
              DatasetDefinition::parse(*text, "dataset " + header.stream.dataset));
  const std::vector<SectionSchema> schemas = definition.sections();
  ROOTLET_TRY(const auto content_keys, registry.content_keys(header.stream.dataset));
  for (std::size_t s = 0; s < std::min(keys.size(), schemas.size()); ++s) {
    const auto found =
        std::find_if(content_keys.begin(), content_keys.end(), [&](const ContentKey& key) {
          return key.stream == header.stream && key.grade == header.sections[s].grade &&
                 key.epoch == header.epoch;
        });
    if (found != content_keys.end()) keys[s] = SectionKey{schemas[s], found->key.clone()};
  }
  return keys;
}

std::string number_at(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value == nullptr ? std::string("0") : json::serialize(*value);
}

void add_codes(TextTable& table, const json::object& column, std::string_view part) {
  const json::value* list = column.if_contains(part);
  if (list == nullptr || !list->is_array()) return;
  for (const json::value& item : list->get_array()) {
    const json::object* code = item.if_object();
    if (code == nullptr) continue;
    const json::value* name = code->if_contains("code");
    table.add({std::string(column.at("name").as_string()), std::string(part),
               number_at(*code, "cells"), number_at(*code, "bytes"),
               name == nullptr ? "" : std::string(name->as_string())});
  }
}

// What explain_pack tells, for people: a line for each section, a table of its columns if it was
// opened.
void print_sections(const json::object& told) {
  for (const json::value& item : told.at("sections").as_array()) {
    const json::object& section = item.as_object();
    std::string line = "Section of grade " + number_at(section, "grade") + ": " +
                       number_at(section, "stored_bytes") + " B stored, " +
                       number_at(section, "raw_bytes") + " B raw";
    const json::value* content = section.if_contains("content");
    if (content == nullptr || !content->is_object()) {
      print_text(line + "; shut, for want of its key\n");
      continue;
    }
    const json::object& rows = content->get_object();
    print_text(line + "; " + number_at(rows, "inserts") + " rows added, " +
               number_at(rows, "updates") + " changed, " + number_at(rows, "deletes") +
               " removed\n");
    TextTable table({"COLUMN", "PART", "CELLS", "RAW BYTES", "CODE"});
    for (const json::value& column : rows.at("columns").as_array()) {
      add_codes(table, column.as_object(), "updates");
      add_codes(table, column.as_object(), "inserts");
    }
    if (!table.empty()) print_text(table.text());
  }
}

Status run_pack_show(const CommandInput& input) {
  ROOTLET_TRY(const Bytes file, read_file(input.text("FILE"), kShownPackBytes));
  ROOTLET_TRY(const PackHeader header, parse_pack_header(file));
  SectionKeyList keys;
  if (fs::exists(RealmFolder{input.realm_folder()}.key())) {
    ROOTLET_TRY(Realm realm, input.open_realm());
    ROOTLET_TRY(keys, keys_for(realm.registry(), header));
  }
  ROOTLET_TRY(const json::value told, explain_pack(file, keys));
  if (input.json()) {
    print_json(told);
    return ok();
  }
  print_text("Pack " + header.stream.text() + ", version " + std::to_string(header.from) + " to " +
             std::to_string(header.to) + ", epoch " + std::to_string(header.epoch) + ": " +
             human_bytes(file.size()) + ", of which " + std::to_string(header.header_bytes) +
             " B header and signature\n");
  print_sections(told.as_object());
  return ok();
}

}  // namespace

std::vector<Command> pack_commands() {
  return {{.name = "pack show",
           .arguments = {"FILE"},
           .summary = "Show what a pack is made of: header, sections, and bytes per column.",
           .details = "Sections are opened with the keys of the realm, if one is named; values are "
                      "never shown.",
           .example = "rootlet-platform --realm /srv/realm pack show "
                      "/srv/realm/repository/packs/ab/ab12….pack",
           .options = {},
           .run = run_pack_show}};
}

}  // namespace rootlet
