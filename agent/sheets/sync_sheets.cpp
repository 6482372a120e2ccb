// Reads the digests of the changed streams, once for each dataset.
#include "agent/sheets/sync_sheets.hpp"

#include <algorithm>
#include <map>

#include "agent/care/read_cache.hpp"
#include "core/format/json_values.hpp"

namespace rootlet::agent {
namespace {

constexpr std::size_t kListedStreams = 1'000;  // of one sheet; a first sync of a province has more

using Held = std::map<std::string, HeldStream>;  // by partition

Result<Held> held_of(Office& office, const std::string& dataset) {
  ROOTLET_TRY(
      std::optional<std::vector<HeldStream>> held,
      read_held_dataset(office, dataset, [](DatasetReader& reader) { return reader.streams(); }));
  Held found;
  if (!held) return found;
  for (HeldStream& stream : *held) found.emplace(stream.partition, std::move(stream));
  return found;
}

bool is_changed(const StreamOutcome& one) {
  return one.after != one.before || one.was_dropped;
}

HeldVersion version_of(const StreamOutcome& one, const Held& held) {
  HeldVersion version{.stream = one.stream, .version = 0, .rows = 0, .digest = {}};
  const auto found = held.find(one.stream.partition);
  if (one.was_dropped || found == held.end()) return version;
  version.version = found->second.version;
  version.rows = found->second.rows;
  if (!found->second.digests.empty()) {
    version.digest =
        to_hex(found->second.digests.front().digest.value()).substr(0, kHeldDigestDigits);
  }
  return version;
}

json::object to_json(const StreamOutcome& one, const HeldVersion& version) {
  return {{"dataset", one.stream.dataset},
          {"partition", one.stream.partition},
          {"from", one.before},
          {"to", version.version},
          {"rows", version.rows},
          {"digest", version.digest}};
}

}  // namespace

Status keep_sheet(Office& office, const SyncReport& pulled, UnixTime at) {
  json::array streams;
  std::size_t left_out = 0;
  std::map<std::string, Held> datasets;
  std::vector<HeldVersion> changed;
  for (const StreamOutcome& one : pulled.streams) {
    if (!is_changed(one)) continue;
    if (!datasets.contains(one.stream.dataset)) {
      ROOTLET_TRY(datasets[one.stream.dataset], held_of(office, one.stream.dataset));
    }
    changed.push_back(version_of(one, datasets.at(one.stream.dataset)));
    if (streams.size() == kListedStreams) {
      ++left_out;
    } else {
      streams.push_back(to_json(one, changed.back()));
    }
  }
  if (changed.empty()) return ok();
  json::object sheet{{"at", format_time(at)},
                     {"packs", json_count(pulled.packs)},
                     {"rows", json_count(pulled.rows)},
                     {"streams", std::move(streams)},
                     {"left_out", json_count(left_out)}};
  ROOTLET_TRY(Outbox outbox, office.open_outbox());
  return outbox.keep_sheet(json::serialize(sheet), changed);
}

Result<json::array> sheets(Office& office, std::int64_t most) {
  ROOTLET_TRY(Outbox outbox, office.open_outbox());
  ROOTLET_TRY(const std::vector<std::string> texts, outbox.sheets(most));
  json::array out;
  for (const std::string& text : texts) {
    ROOTLET_TRY(json::value sheet, parse_json(text, "outbox.db: sheets"));
    out.push_back(std::move(sheet));
  }
  return out;
}

}  // namespace rootlet::agent
