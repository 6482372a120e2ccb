// Recomputes digests through read-only connections; only a mark is ever written.
#include "agent/service/verify.hpp"

#include "agent/care/read_cache.hpp"
#include "core/format/json_values.hpp"
#include "sync/downlink/store/verify_store.hpp"

namespace rootlet::agent {
namespace {

using Verdicts = std::vector<StreamVerdict>;

// A dataset, or the directory.
struct Verified {
  std::string id;
  Result<std::optional<Verdicts>> verdicts;
};

Verified verify_dataset(Office& office, const std::string& id) {
  const auto content_key = [&](const HeldStream& stream, Grade grade) {
    return office.grants().key_for({id, stream.partition}, grade, stream.epoch);
  };
  return {id, read_held_dataset(office, id, [&](DatasetReader& reader) {
            return verify_streams(reader.database(), content_key);
          })};
}

Verified verify_directory(Office& office) {
  const SymmetricKey& key = office.identity().invitation.directory_key;
  DamageWatch watch(office, kDirectoryCache);
  auto verdicts = [&]() -> Result<std::optional<Verdicts>> {
    ROOTLET_TRY(std::optional<DatasetReader> reader, office.open_directory());
    if (!reader) return std::optional<Verdicts>();
    ROOTLET_TRY(Verdicts found,
                verify_streams(reader->database(), [&](const HeldStream&, Grade) { return &key; }));
    return std::optional(std::move(found));
  }();
  if (verdicts.has_error()) verdicts = watch.explain(verdicts.error());
  return {"directory", std::move(verdicts)};
}

Status mark_unequal(Office& office, std::string_view cache, const Verdicts& verdicts) {
  for (const StreamVerdict& verdict : verdicts) {
    if (verdict.is_equal) continue;
    ROOTLET_TRY(const SymmetricKey key, office.keys().file_key(cache));
    ROOTLET_TRY(mark_stream_damaged(cache_file(office.home(), cache), key, verdict.partition));
  }
  return ok();
}

json::object verdict_json(const Verified& verified, bool& all_equal) {
  json::object out{{"id", verified.id}};
  json::array streams;
  std::uint64_t rows = 0;
  bool equal = verified.verdicts.has_value();
  if (verified.verdicts.has_error()) {
    out["error"] = to_json(verified.verdicts.error());
  } else {
    for (const StreamVerdict& verdict : *verified.verdicts.value()) {
      streams.push_back(json::object{
          {"partition", verdict.partition}, {"rows", verdict.rows}, {"equal", verdict.is_equal}});
      rows += verdict.rows;
      equal = equal && verdict.is_equal;
    }
  }
  all_equal = all_equal && equal;
  out["rows"] = rows;
  out["equal"] = equal;
  out["streams"] = std::move(streams);
  return out;
}

bool is_held(const Verified& verified) {
  return verified.verdicts.has_error() || verified.verdicts.value().has_value();
}

// Marks what differs; an error of the mark takes the place of the verdicts.
void mark(Office& office, std::string_view cache, Verified& verified) {
  if (verified.verdicts.has_error()) return;
  const Status marked = mark_unequal(office, cache, *verified.verdicts.value());
  if (marked.has_error()) verified.verdicts = marked.error();
}

}  // namespace

Result<json::object> verify_home(Office& office, const std::string& wanted) {
  ROOTLET_TRY(const std::vector<std::string> held, office.keys().file_key_names("dataset/"));
  json::array datasets;
  bool equal = true;
  for (const std::string& id : held) {
    if (!wanted.empty() && wanted != id) continue;
    Verified verified = verify_dataset(office, id);
    if (!is_held(verified)) continue;
    mark(office, dataset_key_name(id), verified);
    datasets.push_back(verdict_json(verified, equal));
  }
  if (!wanted.empty() && datasets.empty()) {
    return bad_input("dataset " + wanted + " is not held here", "dataset");
  }
  json::object out;
  if (wanted.empty()) {
    Verified directory = verify_directory(office);
    if (is_held(directory)) {
      mark(office, kDirectoryCache, directory);
      out["directory"] = verdict_json(directory, equal);
    }
  }
  out["equal"] = equal;
  out["datasets"] = std::move(datasets);
  return out;
}

}  // namespace rootlet::agent
