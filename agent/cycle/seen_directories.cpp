// A list of versions and hashes as a report in keys.db.
#include "agent/cycle/seen_directories.hpp"

#include "agent/cycle/sync_state.hpp"
#include "core/format/json_values.hpp"

namespace rootlet::agent {
namespace {

constexpr std::string_view kSeen = "seen_directories";

Status save(Office& office, const std::vector<SeenDirectory>& seen) {
  json::array list;
  for (const SeenDirectory& one : seen) {
    list.push_back(json::object{{"version", one.version}, {"hash", to_hex(one.hash)}});
  }
  return save_report(office.keys(), kSeen, json::object{{"directories", std::move(list)}});
}

// What does not read as our own is forgotten: it only helps to compare.
Result<std::vector<SeenDirectory>> load(Office& office) {
  ROOTLET_TRY(const json::value report, load_report(office.keys(), kSeen));
  std::vector<SeenDirectory> seen;
  if (!report.is_object()) return seen;
  for (const json::value& value : array_at(report.get_object(), "directories")) {
    if (!value.is_object()) continue;
    const Result<Hash256> hash = hash_from_hex(text_at(value.get_object(), "hash"));
    if (hash.has_error()) continue;
    seen.push_back({.version = integer_at(value.get_object(), "version"), .hash = hash.value()});
  }
  return seen;
}

}  // namespace

Result<std::vector<SeenDirectory>> note_seen_directory(Office& office) {
  ROOTLET_TRY(std::vector<SeenDirectory> seen, load(office));
  const std::optional<SeenDirectory> newest = office.seen_directory();
  if (!newest.has_value() || (!seen.empty() && seen.back() == *newest)) return seen;
  seen.push_back(*newest);
  if (seen.size() > limits::kSeenDirectories) seen.erase(seen.begin());
  ROOTLET_TRY(save(office, seen));
  return seen;
}

Status forget_seen_directories(Office& office, const std::vector<SeenDirectory>& carried) {
  return carried.size() < 2 ? ok() : save(office, {carried.back()});
}

}  // namespace rootlet::agent
