// The commands of watches: saved queries that say what a sync brought.
#include "agent/care/read_cache.hpp"
#include "agent/query/permission.hpp"
#include "agent/service/service.hpp"
#include "agent/watch/watch.hpp"
#include "core/local_limits.hpp"

namespace rootlet::agent {
namespace {

// Keeps the row of one look-up, as an object by column.
class OneRow final : public AnswerSink {
 public:
  explicit OneRow(AnswerSink& caller) : caller_(caller) {}
  Status progress(const json::object&) override { return ok(); }
  Status head(const json::object& head) override {
    columns_ = array_at(head, "columns");
    provenance_ = object_at(head, "provenance");
    return ok();
  }
  Status rows(const json::array& rows) override {
    const json::array& cells = rows.front().get_array();
    json::object row;
    for (std::size_t i = 0; i < columns_.size() && i < cells.size(); ++i) {
      row[text_at(columns_[i].get_object(), "name")] = cells[i];
    }
    row_ = std::move(row);
    return ok();
  }
  bool is_gone() const override { return caller_.is_gone(); }
  const json::value& row() const { return row_; }
  const json::value& provenance() const { return provenance_; }

 private:
  AnswerSink& caller_;
  json::array columns_;
  json::value row_ = nullptr, provenance_ = nullptr;
};

// The key columns of a hit as one CSV row, which is how a look-up takes them.
std::string csv_key(const json::array& key) {
  std::string out;
  for (const json::value& cell : key) {
    const std::string text =
        cell.is_string() ? std::string(cell.get_string()) : json::serialize(cell);
    out += out.empty() ? "\"" : ",\"";
    for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
    out += "\"";
  }
  return out;
}

Result<std::vector<WatchCount>> counts_in(Office& office, const std::string& dataset) {
  ROOTLET_TRY(const std::optional<std::vector<WatchCount>> counts,
              read_held_dataset(office, dataset, [](DatasetReader& reader) {
                return count_hits(reader.database());
              }));
  return counts.value_or(std::vector<WatchCount>());
}

void put_counts(const std::vector<WatchCount>& counts, json::object& out) {
  for (const std::string_view kind : {"new", "changed", "vanished"}) out[kind] = 0;
  for (const WatchCount& count : counts) {
    if (count.watch != text_at(out, "id")) continue;
    out["new"] = count.found;
    out["changed"] = count.changed;
    out["vanished"] = count.vanished;
  }
}

}  // namespace

Result<json::object> Service::watch_add(Call& call) {
  Watch watch;
  ROOTLET_TRY(watch.name, call.args.text("name", limits::kNameBytes));
  ROOTLET_TRY(watch.dataset, call.args.text("dataset", limits::kNameBytes));
  ROOTLET_TRY(watch.purpose, call.args.text("purpose", limits::kNameBytes));
  ROOTLET_TRY(watch.filters, call.args.texts("where", limits::kWatchFilters));
  ROOTLET_TRY(call.args.finish());
  ROOTLET_TRY(Office office, Office::open_enrolled(*context_));
  ROOTLET_TRY(const Grant* grant, permission_for(office, watch.dataset, watch.purpose));
  ROOTLET_TRY(const CatalogueEntry entry, find_in_catalogue(office, watch.dataset));
  ROOTLET_TRY(const RowWatch compiled, compile_watch(watch, entry.definition, *grant));
  static_cast<void>(compiled);
  watch.id = to_hex(random_bytes(8));
  watch.uid = call.peer.uid;
  if (watch.uid < 0) watch.person = call.peer.user;
  watch.made = office.time().now;
  ROOTLET_TRY(add_watch(office.keys(), watch));
  return to_json(watch);
}

Result<json::object> Service::watch_list(Call& call) {
  ROOTLET_TRY(call.args.finish());
  ROOTLET_TRY(Office office, Office::open_enrolled(*context_));
  ROOTLET_TRY(const std::vector<Watch> watches, load_watches(office.keys()));
  json::array out;
  for (const Watch& watch : watches) {
    if (!belongs_to(watch, call.peer)) continue;
    json::object one = to_json(watch);
    const Result<const Grant*> permitted = permission_for(office, watch.dataset, watch.purpose);
    one["permitted"] = permitted.has_value();
    std::vector<WatchCount> counts;
    if (permitted.has_value()) {
      ROOTLET_TRY(counts, counts_in(office, watch.dataset));
    }
    put_counts(counts, one);
    out.push_back(std::move(one));
  }
  return json::object{{"watches", std::move(out)}};
}

// The hits with their rows as they are now. Each row is a look-up, with its entry in the ledger.
Result<json::object> Service::watch_show(Call& call) {
  ROOTLET_TRY(const std::string name, call.args.text("name", limits::kNameBytes));
  ROOTLET_TRY(const std::int64_t limit, call.args.integer("limit", 1, limits::kWatchHits));
  ROOTLET_TRY(call.args.finish());
  ROOTLET_TRY(const ReadingPool::Taken session, pool().take());
  Office& office = session->office();
  ROOTLET_TRY(const Watch watch, find_watch(office.keys(), call.peer, name));
  ROOTLET_TRY(permission_for(office, watch.dataset, watch.purpose));
  ROOTLET_TRY(const CatalogueEntry entry, find_in_catalogue(office, watch.dataset));
  ROOTLET_TRY(std::optional<std::vector<WatchHit>> found,
              read_held_dataset(office, watch.dataset, [&](DatasetReader& reader) {
                return load_hits(reader.database(), watch.id, static_cast<std::size_t>(limit) + 1);
              }));
  std::vector<WatchHit> hits = std::move(found).value_or(std::vector<WatchHit>());
  const bool more = hits.size() > static_cast<std::size_t>(limit);
  if (more) hits.pop_back();
  json::array out;
  json::value provenance = nullptr;
  for (const WatchHit& hit : hits) {
    ROOTLET_TRY(json::value key, parse_json(hit.key, "watch_hits"));
    json::object one{{"kind", name_of(hit.kind)},
                     {"key", shown_key(entry.definition, key.as_array())},
                     {"row", nullptr}};
    if (hit.kind != HitKind::kVanished) {
      OneRow row(call.sink);
      const ReadRequest request{.command = "watch",
                                .dataset = watch.dataset,
                                .purpose = watch.purpose,
                                .key = csv_key(key.as_array())};
      ROOTLET_TRY(read_dataset(*session, call.peer, request, row, should_stop_));
      one["row"] = row.row();
      provenance = row.provenance();
    }
    out.push_back(std::move(one));
  }
  json::object answer{{"name", watch.name},
                      {"dataset", watch.dataset},
                      {"purpose", watch.purpose},
                      {"hits", std::move(out)},
                      {"more", more}};
  if (!provenance.is_null()) answer["provenance"] = std::move(provenance);
  return answer;
}

Result<json::object> Service::watch_seen(Call& call) {
  ROOTLET_TRY(const std::string name, call.args.text("name", limits::kNameBytes));
  ROOTLET_TRY(call.args.finish());
  ROOTLET_TRY(Office office, Office::open_enrolled(*context_));
  ROOTLET_TRY(const Watch watch, find_watch(office.keys(), call.peer, name));
  ROOTLET_TRY(forget_hits_of(office, watch));
  return json::object{{"name", watch.name}};
}

Result<json::object> Service::watch_remove(Call& call) {
  ROOTLET_TRY(const std::string name, call.args.text("name", limits::kNameBytes));
  ROOTLET_TRY(call.args.finish());
  ROOTLET_TRY(Office office, Office::open_enrolled(*context_));
  ROOTLET_TRY(const Watch watch, find_watch(office.keys(), call.peer, name));
  ROOTLET_TRY(remove_watch(office.keys(), watch));
  ROOTLET_TRY(forget_hits_of(office, watch));
  return json::object{{"name", watch.name}};
}

}  // namespace rootlet::agent
