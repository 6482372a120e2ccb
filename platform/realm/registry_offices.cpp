// The registry's tables of offices and grants.
#include "platform/realm/registry.hpp"
#include "storage/row_values.hpp"
#include "sync/pack/table/directory.hpp"

namespace rootlet::platform {
namespace {

constexpr std::string_view kOfficeColumns =
    "SELECT id, division, name, state, token_hash, token_until, signing_key, sealing_key, "
    "enrolled, "
    "grant_version, grant_issued, grant_bytes, grant_hash, grant_fingerprint, settled_loss FROM "
    "offices ";

std::optional<PublicKey> signing_key_at(const Statement& row, int column) {
  const Result<PublicKey> key = public_key_from(row.blob(column));
  return key.has_value() ? std::optional(key.value()) : std::nullopt;
}

std::optional<SealingPublicKey> sealing_key_at(const Statement& row, int column) {
  const Result<SealingPublicKey> key = SealingPublicKey::from(row.blob(column));
  return key.has_value() ? std::optional(key.value()) : std::nullopt;
}

OfficeEntry office_at(const Statement& row) {
  return {.id = text_at(row, 0),
          .division = text_at(row, 1),
          .name = text_at(row, 2),
          .state = static_cast<OfficeState>(row.integer(3)),
          .token_hash = hash_at(row, 4),
          .token_until = time_at(row, 5),
          .signing_key = signing_key_at(row, 6),
          .sealing_key = sealing_key_at(row, 7),
          .enrolled = time_at(row, 8),
          .grant_version = count_at(row, 9),
          .grant_bytes = count_at(row, 11),
          .grant_issued = time_at(row, 10),
          .grant_hash = hash_at(row, 12),
          .grant_fingerprint = hash_at(row, 13),
          .settled_loss = text_at(row, 14)};
}

// Divisions and purposes are identifiers and contain no comma.
std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ",") + word;
  return out;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    words.emplace_back(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return words;
}

std::optional<Emergency> emergency_at(const Statement& row, int column) {
  if (row.text(column).empty()) return std::nullopt;
  return Emergency{.reason = text_at(row, column), .since = time_at(row, column + 1)};
}

Grant grant_at(const Statement& row) {
  return {.dataset = text_at(row, 0),
          .divisions = split(row.text(1)),
          .max_grade = static_cast<Grade>(row.integer(2)),
          .basis = text_at(row, 3),
          .scenario = text_at(row, 4),
          .purposes = split(row.text(5)),
          .mode = text_at(row, 6),
          .until = time_at(row, 7),
          .lease_days = static_cast<int>(row.integer(8)),
          .may_export = row.integer(9) != 0,
          .approver = text_at(row, 10),
          .join = split(row.text(11)),
          .emergency = emergency_at(row, 12),
          .caps = {.rows = row.integer(14), .exports = row.integer(15)}};
}

}  // namespace

Status Registry::save_office(const OfficeEntry& office) {
  ROOTLET_TRY(const std::optional<OfficeEntry> before, this->office(office.id));
  ROOTLET_TRY(Statement save,
              database_.prepare(
                  "INSERT INTO offices VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15) "
                  "ON CONFLICT(id) DO UPDATE SET division=?2, name=?3, state=?4, token_hash=?5, "
                  "token_until=?6, signing_key=?7, sealing_key=?8, enrolled=?9, grant_version=?10, "
                  "grant_issued=?11, grant_bytes=?12, grant_hash=?13, grant_fingerprint=?14, "
                  "settled_loss=?15"));
  save.bind_all(office.id, office.division, office.name, office.state, ByteView(office.token_hash),
                unix_s(office.token_until), nullptr, nullptr, unix_s(office.enrolled),
                office.grant_version, unix_s(office.grant_issued), office.grant_bytes,
                ByteView(office.grant_hash), ByteView(office.grant_fingerprint),
                office.settled_loss);
  if (office.signing_key.has_value()) save.bind(7, ByteView(*office.signing_key));
  if (office.sealing_key.has_value()) save.bind(8, ByteView(*office.sealing_key));
  ROOTLET_TRY(save.run());
  ROOTLET_TRY(save_pending_office(office.id));
  return touch_office(office, before.has_value() ? &*before : nullptr);
}

// What depends on an office: its grant file, the lists of its old and new division, and the nodes
// that its grants name, if it got or lost the right to have any.
Status Registry::touch_office(const OfficeEntry& office, const OfficeEntry* before) {
  ROOTLET_TRY(tree().touch(Touched::kOffice, "", office.id));
  ROOTLET_TRY(tree().touch(Touched::kOfficeList, "", office.division));
  if (before == nullptr) return ok();
  if (before->division != office.division) {
    ROOTLET_TRY(tree().touch(Touched::kOfficeList, "", before->division));
  }
  if (office.grant_bytes == 0) {
    ROOTLET_TRY(remove_grant_file(office.id));
  }
  const bool was_revoked = before->state == OfficeState::kRevoked;
  if (was_revoked == (office.state == OfficeState::kRevoked)) return ok();
  ROOTLET_TRY(const std::vector<Grant> grants, grants_of(office.id));
  for (const Grant& grant : grants) {
    const bool names = was_revoked && grant.lands();
    ROOTLET_TRY(save_namings(office.id, grant.dataset,
                             names ? grant.divisions : std::vector<std::string>()));
  }
  return ok();
}

Result<std::optional<OfficeEntry>> Registry::office(std::string_view id) {
  ROOTLET_TRY(Statement query, database_.prepare(std::string(kOfficeColumns) + "WHERE id=?"));
  query.bind_all(id);
  return read_one(query, office_at);
}

Result<std::optional<OfficeEntry>> Registry::office_of_token(const Hash256& token_hash) {
  ROOTLET_TRY(Statement query,
              database_.prepare(std::string(kOfficeColumns) + "WHERE token_hash=?"));
  query.bind_all(ByteView(token_hash));
  return read_one(query, office_at);
}

Result<std::vector<OfficeEntry>> Registry::offices() {
  ROOTLET_TRY(Statement query, database_.prepare(std::string(kOfficeColumns) + "ORDER BY id"));
  return read_all(query, office_at);
}

Result<std::vector<OfficeEntry>> Registry::offices_with_grants(std::string_view division) {
  ROOTLET_TRY(Statement query, database_.prepare(std::string(kOfficeColumns) +
                                                 "WHERE division=? AND grant_bytes>0"));
  query.bind_all(division);
  return read_all(query, office_at);
}

Status Registry::remove_office(const OfficeEntry& office) {
  ROOTLET_TRY(tree().touch(Touched::kOfficeList, "", office.division));
  ROOTLET_TRY(const std::vector<Grant> grants, grants_of(office.id));
  for (const Grant& grant : grants) {
    ROOTLET_TRY(remove_grant(office.id, grant.dataset));
  }
  ROOTLET_TRY(remove_grant_file(office.id));
  ROOTLET_TRY(save_pending_office(office.id));
  ROOTLET_TRY(Statement keys, database_.prepare("DELETE FROM former_keys WHERE office=?"));
  ROOTLET_TRY(keys.bind_all(office.id).run());
  ROOTLET_TRY(Statement remove, database_.prepare("DELETE FROM offices WHERE id=?"));
  return remove.bind_all(office.id).run();
}

Status Registry::save_former_keys(std::string_view office, const FormerKeys& keys) {
  ROOTLET_TRY(Statement save,
              database_.prepare("INSERT INTO former_keys(office, signing_key, sealing_key, "
                                "enrolled, ended) VALUES(?,?,?,?,?)"));
  return save
      .bind_all(office, ByteView(keys.signing_key), ByteView(keys.sealing_key),
                unix_s(keys.enrolled), unix_s(keys.ended))
      .run();
}

Status Registry::save_pending_office(std::string_view office) {
  ROOTLET_TRY(Statement save, database_.prepare(upsert("pending_offices", "office")));
  return save.bind_all(office).run();
}

Result<std::vector<std::string>> Registry::pending_offices() {
  ROOTLET_TRY(Statement query,
              database_.prepare("SELECT office FROM pending_offices ORDER BY office"));
  return read_all(query, [](const Statement& row) { return text_at(row, 0); });
}

Status Registry::forget_pending_offices() {
  return database_.execute("DELETE FROM pending_offices");
}

Result<std::vector<FormerKeys>> Registry::former_keys(std::string_view office) {
  ROOTLET_TRY(Statement query,
              database_.prepare("SELECT signing_key, sealing_key, enrolled, ended FROM "
                                "former_keys WHERE office=? ORDER BY number"));
  query.bind_all(office);
  return read_all(query, [](const Statement& row) {
    return FormerKeys{.signing_key = hash_at(row, 0),
                      .sealing_key = sealing_key_at(row, 1).value_or(SealingPublicKey()),
                      .enrolled = time_at(row, 2),
                      .ended = time_at(row, 3)};
  });
}

Status Registry::save_grant(std::string_view office, const Grant& grant) {
  ROOTLET_TRY(Statement save, database_.prepare(upsert(
                                  "grants", "office, dataset",
                                  "divisions, max_grade, basis, scenario, purposes, mode, until, "
                                  "lease_days, may_export, approver, joins, emergency, "
                                  "emergency_since, max_rows, max_exports")));
  const Emergency emergency = grant.emergency.value_or(Emergency{});
  save.bind_all(office, grant.dataset, joined(grant.divisions), grant.max_grade, grant.basis,
                grant.scenario, joined(grant.purposes), grant.mode, unix_s(grant.until),
                grant.lease_days, grant.may_export, grant.approver, joined(grant.join),
                emergency.reason, unix_s(emergency.since), grant.caps.rows, grant.caps.exports);
  ROOTLET_TRY(save.run());
  ROOTLET_TRY(tree().touch(Touched::kOffice, "", office));
  ROOTLET_TRY(const std::optional<OfficeEntry> entry, this->office(office));
  const bool may_have = entry.has_value() && entry->state != OfficeState::kRevoked && grant.lands();
  return save_namings(office, grant.dataset,
                      may_have ? grant.divisions : std::vector<std::string>());
}

Result<bool> Registry::remove_grant(std::string_view office, std::string_view dataset) {
  ROOTLET_TRY(Statement remove,
              database_.prepare("DELETE FROM grants WHERE office=? AND dataset=? RETURNING 1"));
  ROOTLET_TRY(const bool was_there, remove.bind_all(office, dataset).any());
  if (!was_there) return false;
  ROOTLET_TRY(tree().touch(Touched::kOffice, "", office));
  ROOTLET_TRY(save_namings(office, dataset, {}));
  return true;
}

Result<std::vector<Grant>> Registry::grants_of(std::string_view office) {
  ROOTLET_TRY(Statement query,
              database_.prepare("SELECT dataset, divisions, max_grade, basis, scenario, purposes, "
                                "mode, until, lease_days, may_export, approver, joins, emergency, "
                                "emergency_since, max_rows, max_exports FROM grants "
                                "WHERE office=? ORDER BY dataset"));
  query.bind_all(office);
  return read_all(query, grant_at);
}

}  // namespace rootlet::platform
