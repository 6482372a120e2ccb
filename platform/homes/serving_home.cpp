// The tables of serving.db.
#include "platform/homes/serving_home.hpp"

#include "platform/homes/home_address.hpp"
#include "platform/homes/home_key.hpp"
#include "storage/row_values.hpp"

namespace rootlet::platform {
namespace {

constexpr std::string_view kFirst = R"sql(
CREATE TABLE roles(role TEXT PRIMARY KEY, version INTEGER NOT NULL, signed_at INTEGER NOT NULL,
  expires INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE offices(id TEXT PRIMARY KEY, state INTEGER NOT NULL, token_hash BLOB NOT NULL UNIQUE,
  token_until INTEGER NOT NULL, signing_key BLOB, former_keys BLOB NOT NULL);
CREATE TABLE enrolments(number INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE,
  token_hash BLOB NOT NULL, request BLOB NOT NULL, received_at INTEGER NOT NULL,
  status INTEGER NOT NULL DEFAULT 0, answer TEXT NOT NULL DEFAULT '');
CREATE INDEX enrolments_by_status ON enrolments(status, number);
CREATE INDEX enrolments_by_token ON enrolments(token_hash);
)sql";
constexpr std::string_view kMigrations[] = {kSettingsTable, kSecretsTable, kMetadataTable, kFirst};

constexpr std::string_view kOfficeColumns =
    "SELECT id, state, token_hash, token_until, signing_key, former_keys FROM offices ";

ServedOffice office_at(const Statement& row) {
  const Result<PublicKey> key = public_key_from(row.blob(4));
  return {.id = text_at(row, 0),
          .state = static_cast<OfficeState>(row.integer(1)),
          .token_hash = hash_at(row, 2),
          .token_until = time_at(row, 3),
          .signing_key = key.has_value() ? std::optional(key.value()) : std::nullopt,
          .former_keys = split_keys(row.blob(5))};
}

}  // namespace

Result<ServingHome> ServingHome::open(const ServingFolder& folder) {
  ROOTLET_TRY(SymmetricKey key, load_home_key(folder.key()));
  ROOTLET_TRY(const std::string address, load_address(folder.address()));
  ROOTLET_TRY(
      Store database,
      Store::open({.file = folder.database(), .key = &key, .database = address}, kMigrations));
  return ServingHome(folder, std::move(key), std::move(database));
}

Result<ServingHome> ServingHome::create(const ServingFolder& folder, const std::string& database) {
  ROOTLET_TRY(make_private_directory(folder.path));
  ROOTLET_TRY(make_home_key(folder.key()));
  ROOTLET_TRY(save_address(folder.address(), database));
  return open(folder);
}

Status ServingHome::save_role(const HandedRole& role) {
  ROOTLET_TRY(Statement save,
              database_.prepare(upsert("roles", "role", "version, signed_at, expires")));
  return save.bind_all(role.role, role.version, unix_s(role.signed_at), unix_s(role.expires)).run();
}

Status ServingHome::forget_roles() {
  return database_.execute("DELETE FROM roles");
}

Result<std::vector<HandedRole>> ServingHome::roles() {
  ROOTLET_TRY(Statement query, database_.prepare("SELECT role, version, signed_at, expires "
                                                 "FROM roles ORDER BY role"));
  return read_all(query, [](const Statement& row) {
    return HandedRole{text_at(row, 0), row.integer(1), time_at(row, 2), time_at(row, 3)};
  });
}

Status ServingHome::save_office(const ServedOffice& office) {
  ROOTLET_TRY(Statement save,
              database_.prepare(upsert(
                  "offices", "id", "state, token_hash, token_until, signing_key, former_keys")));
  const Bytes former = join_keys(office.former_keys);
  save.bind_all(office.id, office.state, ByteView(office.token_hash), unix_s(office.token_until),
                nullptr, ByteView(former));
  if (office.signing_key.has_value()) save.bind(5, ByteView(*office.signing_key));
  return save.run();
}

Status ServingHome::remove_office(std::string_view id) {
  ROOTLET_TRY(Statement remove, database_.prepare("DELETE FROM offices WHERE id=?"));
  return remove.bind_all(id).run();
}

Result<std::optional<ServedOffice>> ServingHome::office(std::string_view id) {
  ROOTLET_TRY(Statement query, database_.prepare(std::string(kOfficeColumns) + "WHERE id=?"));
  query.bind_all(id);
  return read_one(query, office_at);
}

Result<std::optional<ServedOffice>> ServingHome::office_of_token(const Hash256& token_hash) {
  ROOTLET_TRY(Statement query,
              database_.prepare(std::string(kOfficeColumns) + "WHERE token_hash=?"));
  query.bind_all(ByteView(token_hash));
  return read_one(query, office_at);
}

Result<ServingHome::OfficeCounts> ServingHome::count_offices() {
  OfficeCounts counts;
  ROOTLET_TRY(counts.known, database_.integer("SELECT count(*) FROM offices"));
  ROOTLET_TRY(counts.enrolled, database_.integer("SELECT count(*) FROM offices WHERE state=1"));
  return counts;
}

Result<std::int64_t> ServingHome::keep_enrolment(const Hash256& token_hash, ByteView request,
                                                 UnixTime now) {
  const Hash256 hash = blake2b(request);
  ROOTLET_TRY(Transaction transaction, begin());
  ROOTLET_TRY(Statement held, database_.prepare("SELECT number, status FROM enrolments "
                                                "WHERE hash=?"));
  ROOTLET_TRY(const bool is_held, held.bind_all(ByteView(hash)).step());
  if (is_held) {
    const std::int64_t number = held.integer(0);
    if (held.integer(1) == 0 || held.integer(1) == 200) return number;
    ROOTLET_TRY(Statement again,
                database_.prepare("UPDATE enrolments SET status=0, answer='' WHERE number=?"));
    ROOTLET_TRY(again.bind_all(number).run());
    ROOTLET_TRY(transaction.commit());
    return number;
  }
  ROOTLET_TRY(const std::int64_t waiting,
              database_.integer("SELECT count(*) FROM enrolments WHERE status=0"));
  if (waiting >= kWaitingEnrolments) {
    return fail(ErrorCode::kBusy, "enrolment: too many requests wait for the keeper");
  }
  // Rubbish under the hash of somebody's token shuts nobody out.
  ROOTLET_TRY(
      Statement drop,
      database_.prepare("DELETE FROM enrolments WHERE token_hash=?1 AND status=0 AND number "
                        "NOT IN (SELECT number FROM enrolments WHERE token_hash=?1 AND "
                        "status=0 ORDER BY number DESC LIMIT ?2)"));
  ROOTLET_TRY(drop.bind_all(ByteView(token_hash), kRequestsOfInvitation - 1).run());
  ROOTLET_TRY(Statement save, database_.prepare("INSERT INTO enrolments(hash, token_hash, request, "
                                                "received_at) VALUES(?,?,?,?) RETURNING number"));
  save.bind_all(ByteView(hash), ByteView(token_hash), request, unix_s(now));
  ROOTLET_TRY(const std::int64_t number, save.number());
  ROOTLET_TRY(transaction.commit());
  return number;
}

Result<std::optional<EnrolmentAnswerSaved>> ServingHome::enrolment_answer(std::int64_t number) {
  ROOTLET_TRY(Statement query, database_.prepare("SELECT status, answer FROM enrolments "
                                                 "WHERE number=? AND status<>0"));
  query.bind_all(number);
  return read_one(query, [](const Statement& row) {
    return EnrolmentAnswerSaved{static_cast<int>(row.integer(0)), text_at(row, 1)};
  });
}

Result<std::vector<WaitingEnrolment>> ServingHome::waiting_enrolments(std::size_t most) {
  ROOTLET_TRY(Statement query, database_.prepare("SELECT number, request FROM enrolments "
                                                 "WHERE status=0 ORDER BY number LIMIT ?"));
  query.bind_all(most);
  return read_all(query, [](const Statement& row) {
    return WaitingEnrolment{row.integer(0), to_bytes(row.blob(1))};
  });
}

Status ServingHome::answer_enrolment(std::int64_t number, const EnrolmentAnswerSaved& answer) {
  ROOTLET_TRY(Statement save,
              database_.prepare("UPDATE enrolments SET status=?, answer=? WHERE number=?"));
  return save.bind_all(answer.status, answer.body, number).run();
}

Status ServingHome::forget_old_enrolments(UnixTime before) {
  ROOTLET_TRY(Statement forget,
              database_.prepare("DELETE FROM enrolments WHERE status<>0 AND received_at<?"));
  return forget.bind_all(unix_s(before)).run();
}

}  // namespace rootlet::platform
