// pack show: what a pack is made of.
#include <algorithm>
#include <cstdio>

#include "platform/cli/command.hpp"
#include "platform/cli/print.hpp"
#include "platform/packs/partition_image.hpp"
#include "platform/publish/publisher_state.hpp"
#include "platform/realm/find_dataset.hpp"
#include "sync/pack/explain.hpp"

namespace rootlet::platform {
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

// The rows that a pack starts from, as far as the publisher still remembers them.
class PackBase {
 public:
  // Null if that version is not remembered.
  static Result<std::unique_ptr<PackBase>> load(Realm& realm, const DatasetDefinition& definition,
                                                const PackHeader& header) {
    ROOTLET_TRY(PublisherState state, PublisherState::open(realm.folder().state(definition.id),
                                                           realm.key(), OpenMode::kReadWrite));
    ROOTLET_TRY(const auto heads, state.heads());
    const auto head = heads.find(header.stream.partition);
    if (head == heads.end()) return std::unique_ptr<PackBase>();
    StreamHistory history = state.history(head->second);
    ROOTLET_TRY(const std::vector<PastVersion> versions, history.versions());
    const bool is_remembered =
        std::any_of(versions.begin(), versions.end(),
                    [&](const PastVersion& past) { return past.version == header.from; });
    if (!is_remembered) return std::unique_ptr<PackBase>();
    auto base = std::unique_ptr<PackBase>(new PackBase(definition));
    ROOTLET_TRY(base->past_, history.rows_at(header.from));
    ROOTLET_TRY(base->load_rows(state, head->second));
    base->image_.emplace(base->rows_, base->past_.rows);
    base->tables_.emplace(base->layout_, *base->image_);
    return base;
  }

  std::span<BaseTable* const> tables() const { return tables_->tables(); }

 private:
  explicit PackBase(const DatasetDefinition& definition) : layout_(definition) {}

  Status load_rows(PublisherState& state, const StreamHead& head) {
    ROOTLET_TRY(const HeldRows held, state.rows_by_key(head));
    HeldRow row;
    while (true) {
      ROOTLET_TRY(const bool more, held(row));
      if (!more) return ok();
      if (row.rid >= rows_.size()) rows_.resize(static_cast<std::size_t>(row.rid) + 1);
      rows_[static_cast<std::size_t>(row.rid)] = kept_.emplace_back(row.image);
    }
  }

  SectionLayout layout_;
  PastRows past_;
  std::deque<std::string> kept_;
  std::vector<std::string_view> rows_;  // by number
  std::optional<PartitionImage> image_;
  std::optional<ImageTables> tables_;
};

// Gives the sections their base, for which `base` is kept.
Status add_base(Realm& realm, const PackHeader& header, SectionKeyList& keys,
                std::unique_ptr<PackBase>& base) {
  if (header.from == 0 || header.stream == kDirectoryStream) return ok();
  ROOTLET_TRY(const auto text, realm.registry().dataset(header.stream.dataset));
  if (!text.has_value()) return ok();
  ROOTLET_TRY(const DatasetDefinition definition,
              DatasetDefinition::parse(*text, "dataset " + header.stream.dataset));
  ROOTLET_TRY(base, PackBase::load(realm, definition, header));
  for (std::size_t s = 0; base != nullptr && s < keys.size(); ++s) {
    if (keys[s].has_value() && s < base->tables().size()) keys[s]->base = base->tables()[s];
  }
  return ok();
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

// A part of a byte counts here: a column may cost less than one.
std::string part_at(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  char text[32];
  std::snprintf(text, sizeof text, "%.1f",
                value != nullptr && value->is_number() ? value->to_number<double>() : 0.0);
  return text;
}

// What each part of a modelled section costs.
void print_modelled(const json::object& content) {
  if (!content.contains("columns")) {
    print_text("  modelled; the rows that it starts from are not remembered any more\n");
    return;
  }
  TextTable table({"PART", "BYTES"});
  table.add({"which rows", part_at(content, "row_bytes")});
  table.add({"which columns change", part_at(content, "changed_columns_bytes")});
  table.add({"which rows new ones resemble", part_at(content, "references_bytes")});
  for (const json::value& column : content.at("columns").as_array()) {
    table.add({std::string(column.as_object().at("name").as_string()),
               part_at(column.as_object(), "bytes")});
  }
  print_text(table.text());
}

// What explain_pack tells, for people: a line for each section, and if `with_bytes` a table of what
// its columns cost, if it was opened.
void print_sections(const json::object& described, bool with_bytes) {
  for (const json::value& item : described.at("sections").as_array()) {
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
    if (rows.contains("inserts")) {
      line += "; " + number_at(rows, "inserts") + " rows added, " + number_at(rows, "updates") +
              " changed, " + number_at(rows, "deletes") + " removed";
    }
    print_text(line + "\n");
    if (!with_bytes) continue;
    if (rows.at("coding") == "modelled") {
      print_modelled(rows);
      continue;
    }
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
  std::unique_ptr<PackBase> base;
  if (fs::exists(RealmFolder{input.realm_folder()}.key())) {
    ROOTLET_TRY(Realm realm, input.open_realm());
    ROOTLET_TRY(keys, keys_for(realm.registry(), header));
    ROOTLET_TRY(add_base(realm, header, keys, base));
  }
  ROOTLET_TRY(const json::value described, explain_pack(file, keys));
  if (input.json()) {
    print_json(described);
    return ok();
  }
  print_text("Pack " + header.stream.text() + ", version " + std::to_string(header.from) + " to " +
             std::to_string(header.to) + ", epoch " + std::to_string(header.epoch) + ": " +
             human_bytes(file.size()) + ", of which " + std::to_string(header.header_bytes) +
             " B header and signature\n");
  print_sections(described.as_object(), input.has("bytes"));
  return ok();
}

}  // namespace

std::vector<Command> pack_commands() {
  return {{.name = "pack show",
           .arguments = {"FILE"},
           .summary = "Show what a pack is made of: header, sections, and bytes per column.",
           .details = "Sections are opened with the keys of the realm, if one is named; values are "
                      "never shown. What a modelled section spends on each column shows as long as "
                      "the publisher remembers the version that the pack starts from: for the "
                      "newest packs.",
           .example = "rootlet-platform --realm /srv/realm pack show "
                      "/srv/realm/repository/packs/ab/ab12….pack",
           .options = {{.name = "bytes", .value = "", .help = "a table of what each column costs"}},
           .run = run_pack_show}};
}

}  // namespace rootlet::platform
