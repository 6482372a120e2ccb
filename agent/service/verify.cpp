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

const SymmetricKey* directory_key(const Office& office, const StreamName& stream) {
  const StreamName name = key_stream_of(stream);
  const SymmetricKey* granted = find_key(office.grants().directory_keys, name);
  return granted != nullptr ? granted : find_key(office.identity().invitation.directory_keys, name);
}

// The key of a slice is that of its first dataset's heads, which the grants name.
const SymmetricKey* slice_key(const Office& office, const StreamName& slice) {
  for (const Grant& grant : office.grants().grants) {
    const SymmetricKey* key = directory_key(office, heads_stream(grant.dataset, slice.partition));
    if (key != nullptr && slice_stream(slice_name(*key), slice.partition) == slice) return key;
  }
  return nullptr;
}

// Nodes are short and have no state of their own: one that differs damages the file.
Status verify_nodes(Office& office, Database& database, Verdicts& verdicts) {
  ROOTLET_TRY(const bool is_there, has_node_tables(database));
  if (!is_there) return ok();
  ROOTLET_TRY(const std::vector<StreamName> streams, held_node_streams(database));
  for (const StreamName& stream : streams) {
    ROOTLET_TRY(const std::optional<HeldNode> node, load_node(database, stream));
    const SymmetricKey* key = directory_key(office, stream);
    if (key == nullptr) key = slice_key(office, stream);
    if (!node.has_value() || key == nullptr) continue;
    if (digest_of_rows(node->rows, *key) != node->digest) {
      return fail(ErrorCode::kStorageDamaged,
                  "directory.db: the rows of " + stream.text() + " are not those that were signed");
    }
    verdicts.push_back({.partition = stream.text(), .rows = node->rows.size(), .is_equal = true});
  }
  return ok();
}

Verified verify_directory(Office& office) {
  DamageWatch watch(office, kDirectoryCache);
  auto verdicts = [&]() -> Result<std::optional<Verdicts>> {
    ROOTLET_TRY(std::optional<DatasetReader> reader, office.open_directory());
    if (!reader) return std::optional<Verdicts>();
    const ContentKeyLookup key_of = [&](const HeldStream& held, Grade) {
      const Result<StreamName> stream = StreamName::parse(held.partition);
      const SymmetricKey* key =
          stream.has_value() ? directory_key(office, stream.value()) : nullptr;
      return key == nullptr ? std::optional<SymmetricKey>() : std::optional(key->clone());
    };
    ROOTLET_TRY(Verdicts found, verify_streams(reader->database(), key_of));
    ROOTLET_TRY(verify_nodes(office, reader->database(), found));
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
