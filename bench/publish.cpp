// Measures the publisher, with the same library calls as the command line.
// clang-format off
//   publish found REALM DEFINITION…         creates a realm with these datasets
//   publish new REALM DATASET CSV           publishes the next version of a dataset
//   publish packs REALM DATASET             prints its live packs, with the keys that open them
//   publish parse CSV                       only reads and splits the file
//   publish read DEFINITION CSV             only reads it into typed rows
// clang-format on
#include "bench/tool.hpp"
#include "core/file/file.hpp"
#include "core/format/csv.hpp"
#include "core/limits.hpp"
#include "platform/office/catalogue.hpp"
#include "platform/office/realm_init.hpp"
#include "platform/publish/publisher.hpp"
#include "platform/realm/find_dataset.hpp"
#include "platform/source/csv_source.hpp"
#include "platform/source/read_source.hpp"

namespace rootlet::bench {

using namespace platform;
namespace {

using Arguments = std::span<char*>;

DatasetDefinition definition_in(const std::string& path) {
  const std::string text = must(read_text_file(path, limits::kDefinitionBytes));
  return must(DatasetDefinition::parse(text, path));
}

void found(Arguments arguments) {
  const fs::path folder = arguments[0];
  must(init_realm(folder, {.name = "Bench"}, random_passphrases(), system_clock().wall()));
  Realm realm = must(Realm::open(folder));
  for (const char* path : arguments.subspan(1)) {
    must(add_dataset(realm, definition_in(path), system_clock().wall()));
  }
  print(json::object{{"datasets", arguments.size() - 1}});
}

void publish_new(Arguments arguments) {
  Realm realm = must(Realm::open(arguments[0]));
  const PublishReport report = must(publish_dataset(
      realm, arguments[1], {.open_source = csv_file(arguments[2]), .accept_changes = 100},
      system_clock().wall()));
  print(json::object{{"seconds", report.seconds},
                     {"rows", report.rows},
                     {"unchanged", report.unchanged},
                     {"added", report.added},
                     {"changed", report.changed},
                     {"removed", report.removed},
                     {"partitions", report.partitions},
                     {"packs", report.packs},
                     {"bytes", report.bytes}});
}

json::object pack_json(const fs::path& repository, const PackEntry& pack,
                       std::span<const ContentKey> keys) {
  json::object by_grade;
  for (const ContentKey& key : keys) {
    by_grade[std::to_string(key.grade)] =
        to_hex(content_key_within(key.key, "all", pack.stream.partition).expose());
  }
  return {{"file", (repository / path_of_file(pack)).string()},
          {"offset", pack.offset},
          {"id", to_hex(pack.id)},
          {"partition", pack.stream.partition},
          {"from", pack.from},
          {"to", pack.to},
          {"bytes", pack.file_bytes},
          {"keys", std::move(by_grade)}};
}

void list_packs(Arguments arguments) {
  Realm realm = must(Realm::open(arguments[0]));
  const DatasetDefinition definition = must(find_dataset(realm.registry(), arguments[1]));
  const std::vector<ContentKey> keys = must(realm.registry().content_keys(definition.id));
  json::array packs;
  for (const PackEntry& pack : must(realm.registry().packs(definition.id))) {
    if (pack.retired.has_value()) continue;
    packs.push_back(pack_json(realm.folder().repository(), pack, keys));
  }
  const SigningKey publisher =
      must(realm.registry().signing_key(publisher_role(definition.provider_code)));
  print(json::object{{"definition", definition.source},
                     {"publisher", to_hex(publisher.public_key)},
                     {"packs", std::move(packs)}});
}

void parse(Arguments arguments) {
  const Timer timer;
  CsvReader reader = must(CsvReader::open(arguments[0]));
  std::uint64_t rows = 0, bytes = 0;
  while (must(reader.next())) {
    ++rows;
    for (std::size_t i = 0; i < reader.size(); ++i) bytes += reader.field(i).size();
  }
  print(json::object{{"seconds", timer.seconds()}, {"rows", rows}, {"bytes", bytes}});
}

void read(Arguments arguments) {
  const DatasetDefinition definition = definition_in(arguments[0]);
  const Timer timer;
  const SourceTable table =
      must(read_whole_source(definition, *must(open_csv_source(arguments[1]))));
  print(json::object{{"seconds", timer.seconds()}, {"rows", table.size()}});
}

}  // namespace
}  // namespace rootlet::bench

int main(int argc, char** argv) {
  using namespace rootlet::bench;
  const std::span<char*> all(argv, static_cast<std::size_t>(argc));
  const std::string command = argc > 2 ? argv[1] : "";
  rootlet::initialise_crypto();
  if (command == "found") {
    found(all.subspan(2));
  } else if (command == "new" && argc == 5) {
    publish_new(all.subspan(2));
  } else if (command == "packs" && argc == 4) {
    list_packs(all.subspan(2));
  } else if (command == "parse" && argc == 3) {
    parse(all.subspan(2));
  } else if (command == "read" && argc == 4) {
    read(all.subspan(2));
  } else {
    die("usage: publish found|new|packs|parse|read …");
  }
  return 0;
}
