// Columns come in the protocol's binary form.
#include "platform/store/postgres_statement.hpp"

#include <span>

#include "platform/postgres/dialect.hpp"

namespace rootlet::platform {
namespace {

// -1 without the schema or its table of the version.
Result<std::int64_t> version_of(postgres::Session& session) {
  PostgresStatement known(session,
                          "SELECT count(*) FROM pg_catalog.pg_tables WHERE schemaname=? AND "
                          "tablename='schema_version'");
  known.bind(1, session.schema());
  ROOTLET_TRY(known.step());
  if (known.integer(0) == 0) return std::int64_t{-1};
  PostgresStatement version(session, "SELECT version FROM schema_version");
  ROOTLET_TRY(version.step());
  return version.integer(0);
}

Status make_schema(postgres::Session& session) {
  PostgresStatement known(session, "SELECT count(*) FROM pg_catalog.pg_namespace WHERE nspname=?");
  known.bind(1, session.schema());
  ROOTLET_TRY(known.step());
  if (known.integer(0) == 0) {
    ROOTLET_TRY(session.execute("CREATE SCHEMA " + session.schema()));
  }
  return session.execute(
      "CREATE TABLE schema_version(version BIGINT NOT NULL); "
      "INSERT INTO schema_version VALUES(0)");
}

}  // namespace

postgres::Value& PostgresStatement::at(int index) {
  const auto count = static_cast<std::size_t>(index);
  if (values_.size() < count) values_.resize(count);
  return values_[count - 1];
}

Status PostgresStatement::start() {
  if (!session_->is_in_transaction()) return ok();
  ROOTLET_TRY(ticket_, session_->start(sql_, values_));
  return ok();
}

Result<bool> PostgresStatement::step() {
  if (answer_ == nullptr) {
    ROOTLET_TRY(answer_, ticket_ ? session_->take(*ticket_) : session_->ask(sql_, values_));
  }
  return ++row_ < PQntuples(answer_.get());
}

Status PostgresStatement::run() {
  Status done = answer_ == nullptr ? session_->run(sql_, values_) : ok();
  reset();
  return done;
}

void PostgresStatement::reset() {
  ticket_.reset();
  answer_.reset();
  row_ = -1;
}

bool PostgresStatement::is_null(int column) const {
  return PQgetisnull(answer_.get(), row_, column) == 1;
}

// bigint, integer, smallint or boolean.
std::int64_t PostgresStatement::integer(int column) const {
  const ByteView bytes = blob(column);
  if (bytes.empty()) return 0;
  std::uint64_t number = (bytes.front() & 0x80U) != 0 ? ~std::uint64_t{0} : 0;
  for (const std::uint8_t byte : bytes) number = number << 8 | byte;
  return static_cast<std::int64_t>(number);
}

std::string_view PostgresStatement::text(int column) const {
  return {PQgetvalue(answer_.get(), row_, column),
          static_cast<std::size_t>(PQgetlength(answer_.get(), row_, column))};
}

ByteView PostgresStatement::blob(int column) const {
  return as_bytes(text(column));
}

Status migrate(postgres::Session& session, std::span<const std::string_view> migrations) {
  const auto known = static_cast<std::int64_t>(migrations.size());
  ROOTLET_TRY(std::int64_t version, version_of(session));
  if (version == known) return ok();
  ROOTLET_TRY(postgres::SessionTransaction transaction,
              postgres::SessionTransaction::begin(session));
  ROOTLET_TRY(version, version_of(session));  // others may have been quicker
  if (version > known) {
    return fail(ErrorCode::kStorageDamaged, session.schema() + ": the schema has version " +
                                                std::to_string(version) + ", this program knows " +
                                                std::to_string(known) +
                                                ": install the newer program");
  }
  if (version < 0) {
    ROOTLET_TRY(make_schema(session));
    version = 0;
  }
  for (; version < known; ++version) {
    const std::string_view next = migrations[static_cast<std::size_t>(version)];
    ROOTLET_TRY(session.execute(postgres::migration_in_postgres(next)));
  }
  ROOTLET_TRY(session.run("UPDATE schema_version SET version=?", {version}));
  return transaction.commit();
}

}  // namespace rootlet::platform
