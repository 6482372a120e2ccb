// The registry's tables of grant files, and of the divisions that grants name: from these follows
// what the nodes of the directory list, and for whom.
#include "platform/realm/registry.hpp"
#include "storage/row_values.hpp"
#include "sync/pack/table/directory.hpp"

namespace rootlet::platform {
namespace {

std::string first_text(const Statement& row) {
  return text_at(row, 0);
}

// No machine that was revoked finds an older file.
GrantFilePath grant_file_path_at(const Statement& row) {
  const std::string token = grant_token(hash_at(row, 1));
  const std::uint64_t version = count_at(row, 2);
  const bool is_revoked = row.integer(3) == static_cast<std::int64_t>(OfficeState::kRevoked);
  return {.office = text_at(row, 0),
          .path = grant_path(token, version),
          .before = version > 1 && !is_revoked ? grant_path(token, version - 1) : "",
          .is_new = row.integer(4) != 0};
}

}  // namespace

Status Registry::save_grant_file(const OfficeEntry& office, ByteView file) {
  ROOTLET_TRY(
      Statement save,
      database_.prepare("UPDATE offices SET grant_version=?, grant_issued=?, grant_bytes=?, "
                        "grant_hash=?, grant_fingerprint=? WHERE id=?"));
  save.bind_all(office.grant_version, unix_s(office.grant_issued), office.grant_bytes,
                ByteView(office.grant_hash), ByteView(office.grant_fingerprint), office.id);
  ROOTLET_TRY(save.run());
  ROOTLET_TRY(Statement content, database_.prepare(upsert("grant_files", "office", "file")));
  ROOTLET_TRY(content.bind_all(office.id, file).run());
  ROOTLET_TRY(Statement pending, database_.prepare(upsert("pending_grant_files", "office")));
  ROOTLET_TRY(pending.bind_all(office.id).run());
  return tree().touch(Touched::kOfficeList, "", office.division);
}

Status Registry::save_holdings(const OfficeEntry& office, const GrantFile& file, UnixTime now) {
  const ByteView machine(*office.signing_key);
  ROOTLET_TRY(Statement end,
              database_.prepare("UPDATE holdings SET ordered=?3, order_version=?4 WHERE office=?1 "
                                "AND machine=?2 AND ordered IS NULL AND grant_version<?4"));
  ROOTLET_TRY(Statement name,
              database_.prepare("INSERT INTO holdings VALUES(?1,?2,?3,?4,?5,?6,?7,NULL,0) ON "
                                "CONFLICT(office, machine, dataset) DO UPDATE SET since=CASE WHEN "
                                "holdings.ordered IS NULL THEN holdings.since ELSE ?4 END, "
                                "grant_version=?5, until=?6, lease_days=?7, ordered=NULL, "
                                "order_version=0"));
  for (const Grant& grant : file.grants) {
    if (!grant.lands()) continue;
    ROOTLET_TRY(name.bind_all(office.id, machine, grant.dataset, unix_s(now), file.version,
                              unix_s(grant.until), grant.lease_days)
                    .run());
  }
  return end.bind_all(office.id, machine, unix_s(now), file.version).run();
}

Result<std::vector<Holding>> Registry::holdings(std::string_view dataset) {
  ROOTLET_TRY(Statement query,
              database_.prepare("SELECT office, dataset, machine, since, grant_version, until, "
                                "lease_days, ordered, order_version FROM holdings WHERE dataset=? "
                                "ORDER BY office, since"));
  query.bind_all(dataset);
  return read_all(query, [](const Statement& row) {
    return Holding{.office = text_at(row, 0),
                   .dataset = text_at(row, 1),
                   .machine = hash_at(row, 2),
                   .since = time_at(row, 3),
                   .grant_version = count_at(row, 4),
                   .until = time_at(row, 5),
                   .lease_days = static_cast<int>(row.integer(6)),
                   .ordered = row.is_null(7) ? std::nullopt : std::optional(time_at(row, 7)),
                   .order_version = count_at(row, 8)};
  });
}

Result<Bytes> Registry::grant_file(std::string_view office) {
  ROOTLET_TRY(Statement query, database_.prepare("SELECT file FROM grant_files WHERE office=?"));
  query.bind_all(office);
  ROOTLET_TRY(std::optional<Bytes> file,
              read_one(query, [](const Statement& row) { return to_bytes(row.blob(0)); }));
  return std::move(file).value_or(Bytes());
}

Status Registry::remove_grant_file(std::string_view office) {
  ROOTLET_TRY(Statement remove, database_.prepare("DELETE FROM grant_files WHERE office=?"));
  return remove.bind_all(office).run();
}

// None before an office enrols, and none while it waits for a new machine.
Result<std::vector<GrantFilePath>> Registry::grant_files() {
  ROOTLET_TRY(Statement query,
              database_.prepare("SELECT id, signing_key, grant_version, state, EXISTS(SELECT 1 "
                                "FROM pending_grant_files WHERE office=id) FROM offices WHERE "
                                "grant_bytes>0 AND signing_key IS NOT NULL"));
  return read_all(query, grant_file_path_at);
}

Status Registry::forget_pending_grant_files() {
  return database_.execute("DELETE FROM pending_grant_files");
}

Status Registry::touch_all_grant_files() {
  ROOTLET_TRY(Statement forget,
              database_.prepare("UPDATE offices SET grant_fingerprint=? WHERE grant_bytes>0"));
  ROOTLET_TRY(forget.bind_all(ByteView(Hash256{})).run());
  ROOTLET_TRY(Statement touch,
              database_.prepare("INSERT INTO touched SELECT ?, '', id FROM offices WHERE "
                                "grant_bytes>0 ON CONFLICT DO NOTHING"));
  return touch.bind_all(static_cast<std::int64_t>(Touched::kOffice)).run();
}

Status Registry::raise_grant_versions(std::uint64_t by) {
  ROOTLET_TRY(Statement raise,
              database_.prepare("UPDATE offices SET grant_version=grant_version+?"));
  return raise.bind_all(by).run();
}

Result<std::vector<Registry::Naming>> Registry::grants_ending(UnixTime after, UnixTime until) {
  ROOTLET_TRY(Statement query, database_.prepare("SELECT dataset, office FROM grants WHERE until>? "
                                                 "AND until<=?"));
  query.bind_all(unix_s(after), unix_s(until));
  return read_all(query, [](const Statement& row) {
    return Naming{.dataset = text_at(row, 0), .office = text_at(row, 1)};
  });
}

Result<std::vector<std::string>> Registry::divisions_named_for(std::string_view dataset) {
  ROOTLET_TRY(Statement query, database_.prepare("SELECT DISTINCT division FROM grant_divisions "
                                                 "WHERE dataset=? ORDER BY division"));
  query.bind_all(dataset);
  return read_all(query, first_text);
}

Result<std::vector<std::string>> Registry::divisions_in_use() {
  ROOTLET_TRY(Statement query, database_.prepare("SELECT division FROM grant_divisions UNION "
                                                 "SELECT division FROM offices ORDER BY 1"));
  return read_all(query, first_text);
}

Result<std::vector<Registry::Naming>> Registry::namings_of(std::string_view division) {
  ROOTLET_TRY(Statement query, database_.prepare("SELECT dataset, office FROM grant_divisions "
                                                 "WHERE division=? ORDER BY dataset, office"));
  query.bind_all(division);
  return read_all(query, [](const Statement& row) {
    return Naming{.dataset = text_at(row, 0), .office = text_at(row, 1)};
  });
}

Result<std::vector<std::string>> Registry::offices_naming(std::string_view dataset,
                                                          std::string_view division) {
  ROOTLET_TRY(Statement query, database_.prepare("SELECT office FROM grant_divisions WHERE "
                                                 "dataset=? AND division=? ORDER BY office"));
  query.bind_all(dataset, division);
  return read_all(query, first_text);
}

Result<bool> Registry::is_named(std::string_view dataset, std::string_view division) {
  ROOTLET_TRY(Statement query,
              database_.prepare("SELECT 1 FROM grant_divisions WHERE dataset=? AND "
                                "division=? LIMIT 1"));
  return query.bind_all(dataset, division).step();
}

// Touches the nodes and heads of the divisions that the grant named before and names now.
Status Registry::save_namings(std::string_view office, std::string_view dataset,
                              const std::vector<std::string>& divisions) {
  ROOTLET_TRY(Statement query, database_.prepare("SELECT division FROM grant_divisions WHERE "
                                                 "office=? AND dataset=?"));
  query.bind_all(office, dataset);
  ROOTLET_TRY(std::vector<std::string> touched, read_all(query, first_text));
  ROOTLET_TRY(Statement remove,
              database_.prepare("DELETE FROM grant_divisions WHERE office=? AND dataset=?"));
  ROOTLET_TRY(remove.bind_all(office, dataset).run());
  ROOTLET_TRY(Statement save,
              database_.prepare(upsert("grant_divisions", "dataset, division, office")));
  for (const std::string& division : divisions) {
    ROOTLET_TRY(save.bind_all(dataset, division, office).run());
    touched.push_back(division);
  }
  for (const std::string& division : touched) {
    ROOTLET_TRY(tree().touch(Touched::kHeads, dataset, division));
    ROOTLET_TRY(tree().touch(Touched::kNode, "", division));
  }
  return ok();
}

}  // namespace rootlet::platform
