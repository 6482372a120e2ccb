// Opens a home: machine key, keys.db, trusted clock, identity, grants.
#include "agent/office/office.hpp"

#include "agent/office/loss.hpp"

namespace rootlet::agent {
namespace {

constexpr std::string_view kGrantFact = "grant";
constexpr std::string_view kContactFact = "contact";

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
  ROOTLET_TRY(const ClockMark mark, keys->clock_mark());
  Office office(context, std::move(*keys), TrustedClock(mark, *context.clock, context.boot));
  ROOTLET_TRY(office.load());
  return office;
}

Result<Office> Office::open_enrolled(const AgentContext& context) {
  ROOTLET_TRY(Office office, open(context));
  ROOTLET_TRY(require_enrolled(office.identity_));
  return office;
}

Status Office::load() {
  ROOTLET_TRY(identity_, load_identity(keys_));
  ROOTLET_TRY(const std::optional<Bytes> grant, keys_.fact(kGrantFact));
  if (grant) {
    ROOTLET_TRY(grants_, parse_grant_file(as_text(*grant)));
  }
  ROOTLET_TRY(const std::optional<Bytes> contact, keys_.fact(kContactFact));
  if (contact) {
    ROOTLET_TRY(contact_, parse_time(as_text(*contact)));
  }
  return ok();
}

Lease Office::lease_of(std::string_view dataset) const {
  return decide_lease({.grant = grants_.for_dataset(dataset),
                       .suspended = grants_.suspended,
                       .contact = contact_,
                       .time = clock_.read()});
}

Result<std::optional<DatasetReader>> Office::open_directory() {
  if (!is_there(home().directory())) return std::optional<DatasetReader>();
  ROOTLET_TRY(const SymmetricKey key, keys_.file_key("directory"));
  ROOTLET_TRY(DatasetReader reader, DatasetReader::open(home().directory(), key, 256));
  return std::optional<DatasetReader>(std::move(reader));
}

Result<Outbox> Office::open_outbox() {
  return rootlet::agent::open_outbox(home(), keys_, clock_.read().now);
}

UplinkIdentity Office::uplink_identity() const {
  return {.realm = identity_.invitation.realm_id,
          .office = identity_.invitation.office_id,
          .signing_key = &identity_.signing,
          .sealing_key = &identity_.sealing,
          .ingest_key = identity_.invitation.ingest_key,
          .statement_key = identity_.invitation.statement_key};
}

Status Office::save_grants(const GrantFile& grants) {
  const std::string text = encode_grant_file(grants);
  ROOTLET_TRY(keys_.save_fact(kGrantFact, as_bytes(text)));
  ROOTLET_TRY(grants_, parse_grant_file(text));
  return ok();
}

Status Office::save_contact(UnixTime signed_time, UnixTime timestamp_expires) {
  clock_.learn(signed_time);
  contact_ = decide_contact(clock_.read(), timestamp_expires);
  ROOTLET_TRY(keys_.save_fact(kContactFact, as_bytes(format_time(contact_))));
  return save_clock();
}

Status Office::save_clock() {
  return keys_.save_clock_mark(clock_.mark());
}

}  // namespace rootlet::agent
