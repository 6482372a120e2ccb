// Opens a home: machine key, keys.db, trusted clock, identity, grants.
#include "agent/office/office.hpp"

#include "agent/office/loss.hpp"
#include "core/format/json.hpp"
#include "core/log.hpp"
#include "sync/trust/client/tuf_store.hpp"
#include "sync/trust/metadata/tuf_metadata.hpp"

namespace rootlet::agent {
namespace {

constexpr std::string_view kGrantFact = "grant";
constexpr std::string_view kHeardFact = "heard";
constexpr std::string_view kLossFact = "loss";

Result<HeardTime> load_heard_time(KeyStore& keys) {
  ROOTLET_TRY(const std::optional<Bytes> heard, keys.fact(kHeardFact));
  if (!heard) return HeardTime{};
  return parse_heard_time(*heard);
}

Result<TrustedClock> load_clock(const AgentContext& context, KeyStore& keys) {
  ROOTLET_TRY(const AwakeMark mark, keys.awake_mark());
  ROOTLET_TRY(HeardTime heard, load_heard_time(keys));
  return TrustedClock(mark, std::move(heard), *context.clock,
                      {.boot = context.boot, .machine = context.machine});
}

Result<LossReport> load_loss(KeyStore& keys) {
  ROOTLET_TRY(const std::optional<Bytes> text, keys.fact(kLossFact));
  if (!text) return LossReport{};
  ROOTLET_TRY(const json::value value, parse_json(as_text(*text), "keys.db: loss"));
  ROOTLET_TRY(JsonObject object, JsonObject::from(value, "keys.db: loss"));
  LossReport loss;
  ROOTLET_TRY(loss.record, object.text("record"));
  ROOTLET_TRY(loss.reason, object.text("reason"));
  ROOTLET_TRY(const std::string at, object.text("at"));
  ROOTLET_TRY(loss.at, parse_time(at));
  return loss;
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

}  // namespace

Result<Office> Office::open(const AgentContext& context) {
  ROOTLET_TRY(std::optional<KeyStore> keys, open_keys(context.home));
  if (!keys) {
    return fail(ErrorCode::kNotEnrolled,
                context.home.folder().string() + " holds no office: not enrolled yet");
  }
  const FileIdentity file = identity_of(context.home.keys()).value_or(FileIdentity{});
  ROOTLET_TRY(const std::int64_t version, keys->data_version());
  ROOTLET_TRY(TrustedClock clock, load_clock(context, *keys));
  Office office(context, std::move(*keys), std::move(clock), file);
  ROOTLET_TRY(office.load());
  office.keys_version_ = version;
  office.keep_awake_count();
  return office;
}

Result<Office> Office::open_enrolled(const AgentContext& context) {
  ROOTLET_TRY(Office office, open(context));
  ROOTLET_TRY(require_enrolled(office.identity_));
  return office;
}

// What is loaded may be newer than `version` says, never older.
Status Office::refresh() {
  ROOTLET_TRY(const std::int64_t version, keys_.data_version());
  const bool counts = clock_.mark_is_old();
  if (counts) keep_awake_count();
  if (version == keys_version_ && !counts) return ok();
  ROOTLET_TRY(clock_, load_clock(*context_, keys_));
  ROOTLET_TRY(load());
  ROOTLET_TRY(require_enrolled(identity_));
  keys_version_ = version;
  ++generation_;
  return ok();
}

bool Office::is_current_file() const {
  return identity_of(home().keys()) == file_;
}

Status Office::load() {
  ROOTLET_TRY(identity_, load_identity(keys_));
  ROOTLET_TRY(const std::optional<Bytes> grant, keys_.fact(kGrantFact));
  grants_ = GrantFile();
  if (grant) {
    ROOTLET_TRY(grants_, parse_grant_file(as_text(*grant)));
  }
  ROOTLET_TRY(copy_lock_, load_copy_lock(keys_));
  ROOTLET_TRY(loss_, load_loss(keys_));
  if (loss_.record == grants_.settled_loss) loss_ = LossReport();
  return ok();
}

// Every opening counts, so that boots without a cycle do not stretch a lease. A full disk must not
// stop reading: then the count goes on from the last mark.
void Office::keep_awake_count() {
  if (!clock_.mark_is_old()) return;
  const Status saved = save_clock();
  if (saved.has_error()) log_debug("time awake was not saved: " + saved.error().message);
}

Lease Office::lease_of(std::string_view dataset) const {
  const Grant* grant = grants_.for_dataset(dataset);
  if (grant != nullptr && !grant->lands()) return {.until = grant->until};
  return decide_lease({.grant = grant,
                       .suspended = grants_.suspended,
                       .lost = !loss_.record.empty(),
                       .copy = copy_lock_.is_set(),
                       .contact = clock_.heard().contact,
                       .time = clock_.read()});
}

Result<std::optional<DatasetReader>> Office::open_directory() {
  if (!is_there(home().directory())) return std::optional<DatasetReader>();
  ROOTLET_TRY(const SymmetricKey key, keys_.file_key("directory"));
  ROOTLET_TRY(DatasetReader reader, DatasetReader::open(home().directory(), key, 256));
  return std::optional<DatasetReader>(std::move(reader));
}

Result<std::optional<DatasetReader>> Office::open_dataset(std::string_view id) {
  ROOTLET_TRY(const bool has_key, keys_.has_file_key(dataset_key_name(id)));
  if (!has_key || !is_there(home().dataset(id))) return std::optional<DatasetReader>();
  ROOTLET_TRY(const SymmetricKey key, keys_.file_key(dataset_key_name(id)));
  ROOTLET_TRY(DatasetReader reader, DatasetReader::open(home().dataset(id), key));
  return std::optional<DatasetReader>(std::move(reader));
}

Result<Outbox> Office::open_outbox() {
  return rootlet::agent::open_outbox(home(), keys_, clock_.read().now);
}

// What the last sync verified and kept.
std::optional<SeenDirectory> Office::seen_directory() const {
  constexpr std::string_view kDirectoryRole = "directory";
  const std::optional<Bytes> file = TufStore(home().trust()).load(kDirectoryRole);
  if (!file) return std::nullopt;
  const auto directory = parse_metadata<TufTargets>(*file, kDirectoryRole);
  if (directory.has_error()) return std::nullopt;
  return SeenDirectory{.version = directory.value().version, .hash = sha256(*file)};
}

UplinkIdentity Office::uplink_identity() const {
  return {.realm = identity_.invitation.realm_id,
          .office = identity_.invitation.office_id,
          .signing_key = &identity_.signing,
          .sealing_key = &identity_.sealing,
          .ingest_key = identity_.service_keys.ingest,
          .receipt_keys = identity_.service_keys.receipt,
          .judgement_keys = identity_.service_keys.judgement};
}

Status Office::save_grants(const GrantFile& grants) {
  const std::string text = encode_grant_file(grants);
  ROOTLET_TRY(keys_.save_fact(kGrantFact, as_bytes(text)));
  return load();
}

Status Office::save_loss(const LossReport& loss) {
  const json::object object{
      {"record", loss.record}, {"at", format_time(loss.at)}, {"reason", loss.reason}};
  ROOTLET_TRY(keys_.save_fact(kLossFact, as_bytes(json::serialize(object))));
  loss_ = loss;
  return ok();
}

Status Office::keep_service_keys(const ServiceKeys& service_keys) {
  return save_service_keys(keys_, identity_, service_keys);
}

Result<bool> Office::is_reported_lost() {
  ROOTLET_TRY(const LossReport loss, load_loss(keys_));
  return loss.record != grants_.settled_loss && !loss.record.empty();
}

Status Office::hear(const SignedTime& timestamp, UnixTime earliest_expiry) {
  if (clock_.hear(timestamp, earliest_expiry)) was_heard_ = true;
  ROOTLET_TRY(keys_.save_fact(kHeardFact, encode_heard_time(clock_.heard())));
  return save_clock();
}

Status Office::save_clock() {
  return keys_.save_awake_mark(clock_.mark());
}

}  // namespace rootlet::agent
