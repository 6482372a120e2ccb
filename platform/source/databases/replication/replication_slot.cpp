// SQL functions of PostgreSQL's "Replication Management Functions".
#include "platform/source/databases/replication/replication_slot.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <thread>

#include "platform/source/databases/postgres_connection.hpp"
#include "platform/source/records/record_source.hpp"

namespace rootlet::platform {
namespace {

constexpr const char* kMostChanges = "200000";  // of all tables, until the end of a transaction
constexpr std::uint64_t kMostChangesCount = 200'000;

PGconn* connection_of(const std::shared_ptr<void>& held) {
  return static_cast<PGconn*>(held.get());
}

std::string name_of(PGconn* connection) {
  return "PostgreSQL " + postgres::words_of(PQdb(connection));
}

// "16/B374D848": both halves in hexadecimal.
std::string text_of(std::uint64_t position) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%X/%X", static_cast<unsigned>(position >> 32),
                static_cast<unsigned>(position & 0xFFFF'FFFF));
  return text.data();
}

std::uint64_t position_of(std::string_view text) {
  std::uint64_t high = 0, low = 0;
  const std::size_t slash = std::min(text.find('/'), text.size());
  std::from_chars(text.data(), text.data() + slash, high, 16);
  if (slash < text.size()) {
    std::from_chars(text.data() + slash + 1, text.data() + text.size(), low, 16);
  }
  return high << 32 | low;
}

Result<PostgresAnswer> ask(PGconn* connection, const char* sql,
                           std::initializer_list<const char*> values) {
  PostgresAnswer answer(PQexecParams(connection, sql, static_cast<int>(values.size()), nullptr,
                                     values.begin(), nullptr, nullptr, 0));
  if (PQresultStatus(answer.get()) == PGRES_TUPLES_OK) return answer;
  return postgres_refused(connection, name_of(connection), answer.get());
}

// The columns' texts in one form, whatever the server's settings are.
Status prepare(PGconn* connection) {
  for (const char* statement :
       {"SET DateStyle = 'ISO, YMD'", "SET TimeZone = 'UTC'", "SET extra_float_digits = 1"}) {
    ROOTLET_TRY(run_postgres(connection, name_of(connection), statement));
  }
  return ok();
}

// A slot that another process reads, for example one that was killed and has not noticed yet, is
// refused by the server.
Error busy_slot(const Error& error, const std::string& slot) {
  return Error(error.code, error.message + " (slot " + slot + ")", "",
               {.en = "Nothing was published and no change is lost: the slot keeps them.",
                .zh = "未发布任何内容，变化仍保存在复制槽中，不会丢失。"});
}

// Where the log ends, between two of its entries: no transaction that is written later begins its
// commit before it. Readers see only what was flushed, whose end may lie inside an entry.
struct LogEnd {
  std::uint64_t position = 0;
  bool is_readable = false;  // all of it was flushed
};

// A server flushes within a fraction of a second, also if no commit waits for it.
Result<LogEnd> written_end(PGconn* connection) {
  constexpr int kTries = 10;
  constexpr std::chrono::milliseconds kPause{100};
  ROOTLET_TRY(const PostgresAnswer inserted,
              ask(connection, "SELECT pg_current_wal_insert_lsn()", {}));
  LogEnd end{.position = position_of(PQgetvalue(inserted.get(), 0, 0))};
  for (int i = 0; i < kTries && !end.is_readable; ++i) {
    if (i > 0) std::this_thread::sleep_for(kPause);
    ROOTLET_TRY(const PostgresAnswer flushed,
                ask(connection, "SELECT pg_current_wal_flush_lsn()", {}));
    end.is_readable = position_of(PQgetvalue(flushed.get(), 0, 0)) >= end.position;
  }
  return end;
}

class ChangeReader final : public RecordReader {
 public:
  explicit ChangeReader(CollectedChanges changes) : changes_(std::move(changes)) {}

  Result<std::vector<std::string>> columns(const SourceSetup&) override {
    std::vector<std::string> names = changes_.columns;
    names.emplace_back(kReplicatedChange);
    return names;
  }
  Result<bool> next(Record& record) override {
    if (at_ == changes_.rows.size()) return false;
    const CollectedChanges::Row& row = changes_.rows[at_++];
    record.number = at_;
    record.fields.assign(row.values.begin(), row.values.end());
    record.fields.emplace_back(row.is_deleted ? "delete" : "upsert");
    return true;
  }

 private:
  CollectedChanges changes_;
  std::size_t at_ = 0;
};

}  // namespace

Result<ReplicationSlot> ReplicationSlot::open(const ReplicationPlace& place) {
  ROOTLET_TRY(std::shared_ptr<PGconn> connection, connect_postgres(place.address));
  ROOTLET_TRY(prepare(connection.get()));
  ReplicationSlot slot(place, std::move(connection));
  ROOTLET_TRY(slot.find());
  return slot;
}

Status ReplicationSlot::find() {
  PGconn* connection = connection_of(connection_);
  ROOTLET_TRY(const PostgresAnswer published,
              ask(connection,
                  "SELECT 1 FROM pg_publication_tables WHERE pubname=$1 AND schemaname=$2 AND "
                  "tablename=$3",
                  {place_.publication.c_str(), place_.schema.c_str(), place_.table.c_str()}));
  if (PQntuples(published.get()) == 0) {
    return Error(ErrorCode::kUsage,
                 name_of(connection) + ": publication " + place_.publication + " has no table " +
                     place_.schema + "." + place_.table,
                 "follow.publication",
                 {.en = "Make it there: CREATE PUBLICATION " + place_.publication + " FOR TABLE " +
                        place_.schema + "." + place_.table,
                  .zh = "请在该库执行：CREATE PUBLICATION " + place_.publication + " FOR TABLE " +
                        place_.schema + "." + place_.table});
  }
  ROOTLET_TRY(const PostgresAnswer flushed,
              ask(connection, "SELECT pg_current_wal_flush_lsn()", {}));
  log_end_ = position_of(PQgetvalue(flushed.get(), 0, 0));
  const char* slot = place_.slot.c_str();
  ROOTLET_TRY(const PostgresAnswer found,
              ask(connection,
                  "SELECT coalesce(wal_status, ''), coalesce(pg_wal_lsn_diff("
                  "pg_current_wal_lsn(), confirmed_flush_lsn), 0)::bigint FROM "
                  "pg_replication_slots WHERE slot_name=$1",
                  {slot}));
  if (PQntuples(found.get()) == 0) return ok();
  is_there_ = std::string_view(PQgetvalue(found.get(), 0, 0)) != "lost";
  lag_bytes_ = std::strtoull(PQgetvalue(found.get(), 0, 1), nullptr, 10);
  return ok();
}

Status ReplicationSlot::make() {
  PGconn* connection = connection_of(connection_);
  const char* slot = place_.slot.c_str();
  ROOTLET_TRY(ask(connection,
                  "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE "
                  "slot_name=$1",
                  {slot}));
  ROOTLET_TRY(ask(connection, "SELECT pg_create_logical_replication_slot($1, 'pgoutput')", {slot}));
  is_there_ = true;
  return ok();
}

Result<std::vector<std::string>> ReplicationSlot::slots_with(const std::string& prefix) {
  ROOTLET_TRY(const PostgresAnswer found,
              ask(connection_of(connection_),
                  "SELECT slot_name FROM pg_replication_slots WHERE starts_with(slot_name, $1)",
                  {prefix.c_str()}));
  std::vector<std::string> names;
  for (int i = 0; i < PQntuples(found.get()); ++i) {
    names.emplace_back(PQgetvalue(found.get(), i, 0));
  }
  return names;
}

Result<ReplicationSlot::Look> ReplicationSlot::look(const SeenTransactions& seen,
                                                    std::uint64_t position) {
  PGconn* connection = connection_of(connection_);
  ROOTLET_TRY(const LogEnd end, written_end(connection));
  const char* values[] = {place_.slot.c_str(), kMostChanges, place_.publication.c_str()};
  const int sent =
      PQsendQueryParams(connection,
                        "SELECT data FROM pg_logical_slot_peek_binary_changes($1, NULL, $2, "
                        "'proto_version', '1', 'publication_names', $3)",
                        3, nullptr, values, nullptr, nullptr, 1);
  if (sent == 0 || PQsetSingleRowMode(connection) == 0) {
    return postgres_refused(connection, name_of(connection), nullptr);
  }
  ChangeCollector collector(place_.schema, place_.table, seen, position);
  std::uint64_t messages = 0;
  Status failed = ok();
  while (const PostgresAnswer answer{PQgetResult(connection)}) {
    const ExecStatusType status = PQresultStatus(answer.get());
    if (status == PGRES_TUPLES_OK) continue;  // the end
    if (status != PGRES_SINGLE_TUPLE) {
      if (failed.has_value()) {
        failed =
            busy_slot(postgres_refused(connection, name_of(connection), answer.get()), place_.slot);
      }
      continue;
    }
    ++messages;
    if (failed.has_error() || collector.is_full()) continue;
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(PQgetvalue(answer.get(), 0, 0));
    const auto length = static_cast<std::size_t>(PQgetlength(answer.get(), 0, 0));
    Result<ReplicationMessage> message = parse_replication_message({bytes, length});
    failed = message.has_error() ? Status(message.error()) : collector.take(message.value());
  }
  ROOTLET_TRY(failed);
  Look look{.changes = {}, .has_more = collector.is_full() || messages >= kMostChangesCount};
  look.changes = std::move(collector).result();
  // All that was there before is read.
  if (!look.has_more && end.is_readable) {
    look.changes.position = std::max(look.changes.position, end.position);
  }
  return look;
}

Status ReplicationSlot::forward(std::uint64_t position) {
  const std::string text = text_of(position);
  // Not behind where it is: a server that crashed may have forgotten how far it was.
  ROOTLET_TRY(ask(connection_of(connection_),
                  "SELECT pg_replication_slot_advance(slot_name, $2::pg_lsn) FROM "
                  "pg_replication_slots WHERE slot_name=$1 AND confirmed_flush_lsn<$2::pg_lsn",
                  {place_.slot.c_str(), text.c_str()}));
  return ok();
}

Status ReplicationSlot::drop(const ReplicationPlace& place) {
  ROOTLET_TRY(const std::shared_ptr<PGconn> connection, connect_postgres(place.address));
  ROOTLET_TRY(ask(connection.get(),
                  "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE "
                  "slot_name=$1",
                  {place.slot.c_str()}));
  return ok();
}

std::unique_ptr<RowSource> source_of_changes(CollectedChanges changes, std::string name) {
  return record_source({.source = std::move(name), .unit = "change"},
                       std::make_unique<ChangeReader>(std::move(changes)));
}

}  // namespace rootlet::platform
