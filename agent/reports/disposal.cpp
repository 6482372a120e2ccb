// The values of a certificate, and its way into the outbox.
#include "agent/reports/disposal.hpp"

#include "core/format/json.hpp"
#include "sync/uplink/form/kinds.hpp"

namespace rootlet::agent {
namespace {

constexpr std::size_t kMostPartitionsBytes = 3900;  // the field has at most 4,000 characters

std::string_view reason_of(const Office& office, std::string_view dataset, Access access) {
  if (access == Access::kNotGranted) return office.grants().revoked ? "revoked" : "order";
  const Grant* grant = office.grants().for_dataset(dataset);
  const bool is_over = grant != nullptr && office.lease_of(dataset).until >= grant->until;
  if (!is_over) return "lease_ended";
  return grant->emergency ? "emergency_ended" : "grant_ended";
}

// "330402#12, 330403#7": each partition with the version that was held.
std::string words_of(const std::vector<HeldStream>& streams) {
  std::string words;
  for (std::size_t i = 0; i < streams.size(); ++i) {
    if (words.size() > kMostPartitionsBytes) {
      return words + " and " + std::to_string(streams.size() - i) + " more";
    }
    words += (words.empty() ? "" : ", ") + streams[i].partition + "#" +
             std::to_string(streams[i].version);
  }
  return words;
}

void add_content(Office& office, std::string_view dataset, json::object& values) {
  Result<std::optional<DatasetReader>> reader = office.open_dataset(dataset);
  if (reader.has_error()) return;  // damaged: nobody knows how many rows it had
  std::uint64_t rows = 0;
  if (reader.value()) {
    const Result<std::vector<HeldStream>> streams = reader.value()->streams();
    if (streams.has_error()) return;
    for (const HeldStream& stream : streams.value()) rows += stream.rows;
    values["partitions"] = words_of(streams.value());
  }
  values["rows"] = rows;
}

json::object values_of(std::string_view dataset, UnixTime at, std::string_view reason,
                       std::uint64_t grant_version) {
  return {{"dataset", dataset},
          {"disposed_at", format_time(at)},
          {"reason", reason},
          {"grant_version", grant_version}};
}

// The same for one machine, dataset and order, so that a certificate made twice is one record.
std::string record_id_of(const Office& office, std::string_view dataset, std::uint64_t version) {
  ByteWriter writer;
  writer.sized(as_bytes("rootlet disposal v1"));
  writer.sized(office.identity().signing.public_key);
  writer.sized(as_bytes(dataset));
  writer.u64(version);
  const Hash256 hash = blake2b(writer.view());
  return to_hex(ByteView(hash).first(16));
}

Status file_one(Outbox& outbox, const WaitingCertificate& certificate, UnixTime now) {
  if (outbox.show(certificate.record).has_value()) return ok();  // a power cut came after the save
  ROOTLET_TRY(const json::value values, parse_json(certificate.values, "keys.db: certificate"));
  const FormDefinition& form = *builtin_form("disposal");
  Record record{.id = certificate.record,
                .kind = "disposal",
                .form = form.id,
                .form_version = form.version,
                .at = now,
                .values = values.as_object()};
  ROOTLET_TRY(outbox.save(form, std::move(record), now));
  return ok();
}

}  // namespace

WaitingCertificate certificate_of(Office& office, std::string_view dataset, Access access,
                                  UnixTime at) {
  json::object values =
      values_of(dataset, at, reason_of(office, dataset, access), office.grants().version);
  add_content(office, dataset, values);
  return {.record = new_record_id(), .values = json::serialize(values)};
}

Status certify_unheld(Office& office, const GrantFile& next) {
  for (const Grant& grant : office.grants().grants) {
    if (!grant.lands() || next.landing(grant.dataset) != nullptr) continue;
    ROOTLET_TRY(const bool is_held, office.keys().has_file_key(dataset_key_name(grant.dataset)));
    if (is_held) continue;
    json::object values = values_of(grant.dataset, office.time().now,
                                    next.revoked ? "revoked" : "order", next.version);
    values["rows"] = 0;
    ROOTLET_TRY(
        office.keys().save_certificate({.record = record_id_of(office, grant.dataset, next.version),
                                        .values = json::serialize(values)}));
  }
  return ok();
}

Result<std::size_t> file_certificates(Office& office) {
  ROOTLET_TRY(const bool unfinished, office.keys().has_unfinished_erasures());
  if (unfinished) return std::size_t{0};
  ROOTLET_TRY(const std::vector<WaitingCertificate> waiting, office.keys().waiting_certificates());
  if (waiting.empty()) return std::size_t{0};
  ROOTLET_TRY(Outbox outbox, office.open_outbox());
  const UnixTime now = office.time().now;
  for (const WaitingCertificate& certificate : waiting) {
    ROOTLET_TRY(file_one(outbox, certificate, now));
    ROOTLET_TRY(office.keys().forget_certificate(certificate.record));
  }
  ROOTLET_TRY(remember_outbox(office.keys(), outbox, now));
  return waiting.size();
}

}  // namespace rootlet::agent
