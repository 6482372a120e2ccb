// Builds the JSON of `status`. Readers depend on its keys: add some, never rename any.
#include "agent/service/status.hpp"

#include "agent/care/read_cache.hpp"
#include "agent/channel/answer.hpp"
#include "agent/cycle/link_use.hpp"
#include "agent/cycle/sync_state.hpp"
#include "agent/office/office.hpp"
#include "agent/query/held_because.hpp"
#include "agent/query/provenance.hpp"
#include "agent/service/forks.hpp"
#include "sync/downlink/plan.hpp"
#include "sync/trust/client/tuf_client.hpp"

namespace rootlet::agent {
namespace {

json::object clock_json(const TrustedTime& time, UnixTime wall) {
  // A wall clock behind the floor is certainly wrong; one ahead of it may be right.
  return {{"now", format_time(time.now)},
          {"floor", format_time(time.floor)},
          {"wall", format_time(wall)},
          {"ok", wall >= time.floor}};
}

// By what the platform's witnesses compare it with (docs/OPERATIONS.md).
json::value directory_json(const Office& office) {
  const std::optional<SeenDirectory> seen = office.seen_directory();
  if (!seen.has_value()) return nullptr;
  return json::object{{"version", seen->version}, {"hash", to_hex(seen->hash)}};
}

json::object trust_json(const Office& office) {
  const UnixTime now = office.time().now;
  const Result<TufStanding> standing = TufClient::standing(office.home().trust(), now);
  if (standing.has_error()) {
    return {{"fresh", false}, {"error", standing.error().message}};
  }
  const TufStanding& trust = standing.value();
  json::array near_end;
  for (const RoleEnd& end : trust.ends) {
    if (decide_end(end, now) != EndState::kNear) continue;
    near_end.push_back(json::object{{"role", end.role}, {"expires", format_time(end.expires)}});
  }
  return {{"near_end", std::move(near_end)},
          {"root_version", trust.root_version},
          {"timestamp_version", trust.timestamp_version},
          {"expires", format_time(trust.timestamp_expires)},
          {"fresh", trust.is_fresh},
          {"directory", directory_json(office)}};
}

json::object held_json(const HeldStream& stream, Version head) {
  json::object out{{"partition", stream.partition},
                   {"version", stream.version},
                   {"head_version", head},
                   {"state", state_of(stream, head)},
                   {"rows", stream.rows},
                   {"as_of", format_time(stream.as_of)},
                   {"received", format_time(stream.received)}};
  out["digest"] = stream.digests.empty() ? "" : to_hex(stream.digests.front().digest.value());
  return out;
}

json::object missing_json(const StreamHead& head) {
  return {{"partition", head.stream.partition},
          {"version", 0},
          {"head_version", head.version},
          {"state", "missing"},
          {"rows", 0},
          {"as_of", nullptr},
          {"received", nullptr},
          {"digest", ""}};
}

Result<std::vector<HeldStream>> held_streams(Office& office, const std::string& dataset) {
  ROOTLET_TRY(
      std::optional<std::vector<HeldStream>> held,
      read_held_dataset(office, dataset, [](DatasetReader& reader) { return reader.streams(); }));
  return held ? std::move(*held) : std::vector<HeldStream>();
}

json::array streams_json(const std::vector<HeldStream>& held,
                         const std::vector<StreamHead>& granted) {
  json::array out;
  for (const HeldStream& stream : held) {
    out.push_back(held_json(stream, head_of(granted, stream.partition)));
  }
  for (const StreamHead& head : granted) {
    const bool is_held = std::any_of(held.begin(), held.end(), [&](const HeldStream& stream) {
      return stream.partition == head.stream.partition;
    });
    if (!is_held) out.push_back(missing_json(head));
  }
  return out;
}

// What the directory says of one dataset; nothing before the first sync.
struct CatalogueEntry {
  std::optional<DatasetDefinition> definition;
  std::vector<StreamHead> heads;
};

Result<CatalogueEntry> catalogue_entry(Office& office, const std::string& id) {
  ROOTLET_TRY(std::optional<CatalogueEntry> entry,
              read_directory(office, [&](DirectoryView& view) -> Result<CatalogueEntry> {
                CatalogueEntry found;
                ROOTLET_TRY(found.definition, view.dataset(id));
                ROOTLET_TRY(found.heads, view.heads(id));
                return found;
              }));
  return entry ? std::move(*entry) : CatalogueEntry();
}

}  // namespace

json::object dataset_state_json(Office& office, const Grant& grant) {
  const std::string& id = grant.dataset;
  const Lease lease = office.lease_of(id);
  json::object out{{"id", id},
                   {"access", name_of(lease.access)},
                   {"lease_until", format_time(lease.until)},
                   {"mode", grant.mode},
                   {"emergency", emergency_json(grant)}};
  // One damaged file must not hide the state of the others.
  Result<CatalogueEntry> entry = catalogue_entry(office, id);
  if (entry.has_error()) {
    out["error"] = to_json(entry.error());
    entry = CatalogueEntry();
  }
  const std::optional<DatasetDefinition>& definition = entry.value().definition;
  const std::vector<StreamHead> heads = granted_heads(grant, std::move(entry.value().heads));
  Result<std::vector<HeldStream>> held = held_streams(office, id);
  if (held.has_error()) {
    out["error"] = to_json(held.error());
    held = std::vector<HeldStream>();
  }
  std::uint64_t rows = 0;
  UnixTime as_of{};
  for (const HeldStream& stream : held.value()) {
    rows += stream.rows;
    as_of = std::max(as_of, stream.as_of);
  }
  out["title"] = definition ? to_json(definition->title) : to_json(Text{.en = id, .zh = id});
  out["streams"] = streams_json(held.value(), heads);
  out["rows"] = rows;
  // Without the platform's catalogue nobody knows what the grant covers.
  out["covers_no_data"] = definition.has_value() && heads.empty() && held.value().empty();
  out["digest"] = digest_sum(held.value());
  out["as_of"] = held.value().empty() ? json::value(nullptr) : json::value(format_time(as_of));
  out["stale"] = !definition || held.value().size() < heads.size() ||
                 is_stale({.definition = *definition,
                           .streams = summary_of(held.value(), heads),
                           .lease = lease,
                           .contact = office.contact(),
                           .now = office.time().now});
  return out;
}

namespace {

json::value loss_json(const LossReport& loss) {
  if (loss.record.empty()) return nullptr;
  return json::object{
      {"record", loss.record}, {"at", format_time(loss.at)}, {"reason", loss.reason}};
}

json::value copy_lock_json(const CopyLock& lock) {
  if (!lock.is_set()) return nullptr;
  return json::object{{"since", format_time(lock.since)}, {"why", lock.why}};
}

json::array datasets_json(Office& office) {
  json::array out;
  for (const Grant& grant : office.grants().grants) {
    out.push_back(dataset_state_json(office, grant));
  }
  return out;
}

// Files that wait to be fetched again.
Result<json::array> damage_json(Office& office) {
  ROOTLET_TRY(const std::vector<DamageNote> notes, damage_notes(office.keys()));
  json::array out;
  for (const DamageNote& note : notes) {
    out.push_back(json::object{
        {"file", note.cache}, {"found", format_time(note.found)}, {"what", note.what}});
  }
  return out;
}

Result<json::object> outbox_json(Office& office) {
  ROOTLET_TRY(Outbox outbox, office.open_outbox());
  ROOTLET_TRY(const OutboxCounts counts, outbox.counts());
  json::object out;
  for (int state = 0; state < kRecordStates; ++state) {
    const auto one = static_cast<RecordState>(state);
    out[name_of(one)] = counts.of(one);
  }
  out["quarantined_chains"] = counts.quarantined_chains;
  out["too_large"] = counts.too_large;
  ROOTLET_TRY(const std::vector<ChainSummary> chains, outbox.chains());
  out["forks"] = forks_json(chains);
  ROOTLET_TRY(const json::object restart, last_outbox_restart(office.keys()));
  if (!restart.empty()) out["restarted"] = restart;
  return out;
}

Result<json::object> link_json(Office& office, const Settings& settings) {
  ROOTLET_TRY(const LinkUse use, load_link_use(office.keys(), office.time().now));
  return json::object{{"month", use.month},
                      {"month_bytes", use.month_bytes},
                      {"monthly_bytes", settings.monthly_bytes},
                      {"bytes_per_second", static_cast<std::int64_t>(use.bytes_per_second)}};
}

json::object disk_json(const Home& home) {
  std::uint64_t used = 0;
  std::error_code failed;
  for (fs::recursive_directory_iterator at(home.folder(), failed), end; !failed && at != end;
       at.increment(failed)) {
    std::error_code ignored;
    if (at->is_regular_file(ignored)) used += at->file_size(ignored);
  }
  const fs::space_info space = fs::space(home.folder(), failed);
  return {{"home_bytes", used}, {"free_bytes", failed ? 0 : space.available}};
}

Result<json::array> erasures_json(Office& office) {
  ROOTLET_TRY(const std::vector<Erasure> erasures, office.keys().erasures());
  json::array out;
  for (const Erasure& erasure : erasures) {
    out.push_back(json::object{
        {"dataset", erasure.dataset}, {"at", format_time(erasure.at)}, {"reason", erasure.reason}});
  }
  return out;
}

}  // namespace

Result<json::object> make_pulse(Office& office) {
  ROOTLET_TRY(const json::value report, load_report(office.keys(), kLastSync));
  json::value last;
  if (const json::object* one = report.if_object()) {
    last = json::object{{"at", text_at(*one, "at")}, {"result", text_at(*one, "result")}};
  }
  ROOTLET_TRY(Outbox outbox, office.open_outbox());
  ROOTLET_TRY(const OutboxCounts counts, outbox.counts());
  json::object states;
  for (int state = 0; state < kRecordStates; ++state) {
    const auto one = static_cast<RecordState>(state);
    states[name_of(one)] = counts.of(one);
  }
  return json::object{{"last_sync", std::move(last)}, {"outbox", std::move(states)}};
}

Result<json::object> make_status(const AgentContext& context) {
  Result<Office> opened = Office::open(context);
  if (opened.has_error() && opened.error().code == ErrorCode::kNotEnrolled) {
    return json::object{{"office", nullptr}, {"realm", nullptr}, {"state", "none"}};
  }
  if (opened.has_error()) return opened.error();
  Office& office = opened.value();
  const Invitation& invitation = office.identity().invitation;
  json::object out{
      {"office", json::object{{"id", invitation.office_id},
                              {"name", invitation.office_name},
                              {"division", invitation.office_division}}},
      {"realm", json::object{{"id", invitation.realm_id}, {"name", invitation.realm_name}}},
      {"state", name_of(office.identity().state)},
      {"suspended", office.grants().suspended},
      {"revoked", office.grants().revoked},
      {"loss", loss_json(office.loss())},
      {"copy_lock", copy_lock_json(office.copy_lock())},
      {"version", ROOTLET_VERSION},
      {"contact", format_time(office.contact())},
      {"clock", clock_json(office.time(), context.clock->wall())},
      {"trust", trust_json(office)}};
  ROOTLET_TRY(out["last_sync"], load_report(office.keys(), kLastSync));
  ROOTLET_TRY(out["last_change"], load_report(office.keys(), kLastChange));
  ROOTLET_TRY(out["link"], link_json(office, context.settings));
  out["datasets"] = datasets_json(office);
  ROOTLET_TRY(out["damage"], damage_json(office));
  // A lost outbox must not hide the rest.
  const Result<json::object> outbox = outbox_json(office);
  out["outbox"] =
      outbox.has_value() ? outbox.value() : json::object{{"error", to_json(outbox.error())}};
  ROOTLET_TRY(out["erasures"], erasures_json(office));
  out["disk"] = disk_json(office.home());
  return out;
}

}  // namespace rootlet::agent
