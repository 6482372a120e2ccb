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
  print_text(pretty_json(told));
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
