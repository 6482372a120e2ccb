// The command pack: what a pack consists of (docs/FORMATS.md, "Pack").
#include <algorithm>
#include <charconv>
#include <cstdio>

#include "config/output/readable.hpp"
#include "config/output/text_table.hpp"
#include "platform/cli/cli.hpp"
#include "platform/cli/text/headings.hpp"
#include "platform/packs/partition_image.hpp"
#include "platform/publish/publisher_state.hpp"
#include "platform/realm/find_dataset.hpp"
#include "sync/pack/explain.hpp"
#include "sync/pack/table/directory.hpp"

namespace rootlet::platform {
namespace {

constexpr std::size_t kShownPackBytes = std::size_t{1} << 30;

using SectionKeyList = std::vector<std::optional<SectionKey>>;

// A slice has the key of the heads of its first dataset, and is named after that key.
Result<SymmetricKey> key_of_directory(Registry& registry, const StreamName& stream) {
  ROOTLET_TRY(const SymmetricKey secret, registry.secret("directory-content"));
  ROOTLET_TRY(const std::vector<std::string> ids, registry.dataset_ids());
  for (const std::string& id : ids) {
    SymmetricKey key = derive_directory_key(secret, heads_stream(id, stream.partition));
    if (slice_stream(slice_name(key), stream.partition) == stream) return key;
  }
  return derive_directory_key(secret, stream);
}

// The realm's keys to the sections of the pack; none if it does not know the dataset.
Result<SectionKeyList> keys_for(Registry& registry, const PackHeader& header) {
  SectionKeyList keys(header.sections.size());
  if (is_directory_stream(header.stream)) {
    ROOTLET_TRY(SymmetricKey key, key_of_directory(registry, header.stream));
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
    std::optional<SymmetricKey> key =
        find_content_key(content_keys, header.stream, header.sections[s].grade, header.epoch);
    if (key.has_value()) keys[s] = SectionKey{schemas[s], std::move(*key)};
  }
  return keys;
}

// The rows that a pack starts from, if the publisher still remembers them.
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

// Adds their base to the keys of the sections. The keys point into `base`, which must outlive them.
Status add_base(Realm& realm, const PackHeader& header, SectionKeyList& keys,
                std::unique_ptr<PackBase>& base) {
  if (header.from == 0 || is_directory_stream(header.stream)) return ok();
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

// A count in `object`, "0" if it is absent.
std::string figure(const json::object& object, std::string_view name) {
  return std::to_string(integer_at(object, name));
}

void add_codes(TextTable& table, const json::object& column, std::string_view part) {
  for (const json::value& item : array_at(column, part)) {
    const json::object* code = item.if_object();
    if (code == nullptr) continue;
    table.add({text_at(column, "name"), std::string(part), figure(*code, "cells"),
               figure(*code, "bytes"), text_at(*code, "code")});
  }
}

// With one decimal: a column may cost less than a byte.
std::string part_at(const json::object& object, std::string_view name) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", number_at(object, name));
  return text;
}

// What each part of a modelled section costs.
Status print_modelled(const CliOutput& output, const json::object& content) {
  if (!content.contains("columns")) {
    return output.print("  modelled; the rows that it starts from are no longer remembered\n");
  }
  TextTable table = table_of(output, {"PART", "BYTES"}, {"部分", "字节"});
  table.add({"which rows", part_at(content, "row_bytes")});
  table.add({"which columns change", part_at(content, "changed_columns_bytes")});
  table.add({"which rows new ones resemble", part_at(content, "references_bytes")});
  for (const json::value& column : array_at(content, "columns")) {
    table.add({text_at(column.as_object(), "name"), part_at(column.as_object(), "bytes")});
  }
  return output.print(table);
}

// What each column of a section in column codes costs.
Status print_codes(const CliOutput& output, const json::object& content) {
  TextTable table = table_of(output, {"COLUMN", "PART", "CELLS", "RAW BYTES", "CODE"},
                             {"列", "部分", "单元格", "原字节", "编码"});
  for (const json::value& column : array_at(content, "columns")) {
    add_codes(table, column.as_object(), "updates");
    add_codes(table, column.as_object(), "inserts");
  }
  return table.empty() ? ok() : output.print(table);
}

// One section of what explain_pack() returns: a line, and with `with_bytes` a table of what its
// columns cost, if the section was opened.
Status print_section(const CliOutput& output, const json::object& section, bool with_bytes) {
  std::string line = "Section of grade " + figure(section, "grade") + ": " +
                     figure(section, "stored_bytes") + " B stored, " +
                     figure(section, "raw_bytes") + " B raw";
  const json::object& content = object_at(section, "content");
  if (content.empty()) return output.print(line + "; closed: its key is missing\n");
  if (content.contains("inserts")) {
    line += "; " + figure(content, "inserts") + " rows added, " + figure(content, "updates") +
            " changed, " + figure(content, "deletes") + " removed";
  }
  ROOTLET_TRY(output.print(line + "\n"));
  if (!with_bytes) return ok();
  return text_at(content, "coding") == "modelled" ? print_modelled(output, content)
                                                  : print_codes(output, content);
}

// "FILE" or "FILE@OFFSET".
struct PackPlace {
  fs::path file;
  std::optional<std::uint64_t> offset = {};  // none: every pack of the file
};

PackPlace parse_place(const std::string& text) {
  std::error_code ignored;
  const std::size_t at = text.rfind('@');
  if (at == std::string::npos || fs::exists(text, ignored)) return {.file = text};
  std::uint64_t offset = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data() + at + 1, end, offset);
  if (read.ec != std::errc{} || read.ptr != end) return {.file = text};
  return {.file = text.substr(0, at), .offset = offset};
}

Status print_pack(const CommandRun& run, const PackHeader& header, const json::value& described) {
  ROOTLET_TRY(run.output.print("Pack " + header.stream.text() + ", version " +
                               std::to_string(header.from) + " to " + std::to_string(header.to) +
                               ", epoch " + std::to_string(header.epoch) + ": " +
                               format_bytes(header.file_bytes()) + ", of which " +
                               std::to_string(header.header_bytes) + " B header and signature\n"));
  for (const json::value& section : array_at(described.as_object(), "sections")) {
    ROOTLET_TRY(print_section(run.output, section.as_object(), run.arguments.has("bytes")));
  }
  return ok();
}

// Explains the pack at the start of `rest`, prints it unless the output is JSON, and returns how
// many bytes it has.
Result<std::uint64_t> show_pack(const CommandRun& run, Realm* realm, ByteView rest,
                                std::uint64_t offset, json::array& shown) {
  ROOTLET_TRY(const PackHeader header, parse_pack_header(rest));
  const std::uint64_t bytes = header.file_bytes();
  if (bytes > rest.size()) return fail(ErrorCode::kUntrusted, "the pack is cut off");
  SectionKeyList keys;
  std::unique_ptr<PackBase> base;
  if (realm != nullptr) {
    ROOTLET_TRY(keys, keys_for(realm->registry(), header));
    ROOTLET_TRY(add_base(*realm, header, keys, base));
  }
  ROOTLET_TRY(json::value described, explain_pack(rest.first(bytes), keys));
  if (!run.output.json) {
    ROOTLET_TRY(print_pack(run, header, described));
  }
  described.as_object()["offset"] = offset;
  shown.push_back(std::move(described));
  return bytes;
}

Status run_pack_show(const CommandRun& run) {
  const PackPlace place = parse_place(run.arguments.value("FILE"));
  ROOTLET_TRY(const Bytes file, read_file(place.file, kShownPackBytes));
  std::optional<Realm> realm;
  ROOTLET_TRY(const fs::path folder, run.enter_realm());
  std::error_code ignored;
  if (fs::exists(RealmFolder{folder}.key(), ignored)) {
    ROOTLET_TRY(realm, run.open_realm());
  }
  json::array shown;
  std::uint64_t at = std::min<std::uint64_t>(place.offset.value_or(0), file.size());
  do {
    Result<std::uint64_t> bytes =
        show_pack(run, realm ? &*realm : nullptr, ByteView(file).subspan(at), at, shown);
    if (bytes.has_error()) {
      return within(place.file.string() + "@" + std::to_string(at), bytes.error());
    }
    at += bytes.value();
  } while (!place.offset.has_value() && at < file.size());
  return run.output.json ? run.output.print_json(json::object{{"packs", std::move(shown)}}) : ok();
}

}  // namespace

std::vector<Command> pack_commands() {
  return {
      {.name = "pack show",
       .summary = {.en = "Show what a pack is made of: header, sections, and bytes per column",
                   .zh = "查看数据包的组成：包头、分级段和各列的字节数"},
       .details =
           {.en = "A file holds many packs: name FILE@OFFSET for one of them. Opens "
                  "sections with the keys of the realm, if one is named; never shows "
                  "values. For a modelled section the bytes of each column show "
                  "only while the publisher remembers the version that the pack starts "
                  "from: for the newest packs.",
            .zh =
                "一个文件含多个数据包，用 FILE@OFFSET "
                "指定其中一个。指定域时用其密钥打开分级段，不显示数据内容。模型编码段各列的字节数，"
                "只在平台仍保存起始版本时（即最新的数据包）可显示。"},
       .example = {.en = "rootlet-platform pack show "
                         "realm/repository/packs/3304/1796000000.packs@4096"},
       .positionals = {{.name = "FILE", .type = ValueType::kFile}},
       .options = {{.name = "bytes",
                    .help = {.en = "a table of what each column costs",
                             .zh = "列出各列占用的字节数"}}},
       .run = with_clock(run_pack_show)}};
}

}  // namespace rootlet::platform
