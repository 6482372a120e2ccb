// Rows go by COPY as CSV text; an empty field is null.
#include "platform/exports/exchange_writer.hpp"

#include <charconv>

#include "core/format/csv.hpp"
#include "core/limits.hpp"
#include "storage/database.hpp"

namespace rootlet::platform {
namespace {

constexpr std::size_t kSendBytes = 256 * limits::kKiB;

std::string sql_type(const ColumnSpec& column) {
  switch (column.type) {
    case ColumnType::kInteger:
      return "bigint";
    case ColumnType::kDecimal:
      return "numeric(20," + std::to_string(column.scale) + ")";
    case ColumnType::kDate:
      return "date";
    case ColumnType::kBoolean:
      return "boolean";
    case ColumnType::kText:
    case ColumnType::kBytes:     // no dataset has any
    case ColumnType::kDatetime:  // a local time or a moment, which no one type of SQL holds
      break;
  }
  return "text";
}

}  // namespace

Result<ExchangeWriter> ExchangeWriter::open(const std::string& address, const std::string& table,
                                            const DatasetDefinition& dataset) {
  ROOTLET_TRY(std::shared_ptr<PGconn> connection, connect_postgres(address));
  std::string name = "PostgreSQL " + postgres::words_of(PQdb(connection.get()));
  ExchangeWriter writer(std::move(connection), std::move(name), table, dataset);
  ROOTLET_TRY(writer.run("BEGIN"));
  std::string columns =
      "(exchange_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, exchange_op char(1) NOT NULL, "
      "exchange_version bigint NOT NULL, exchange_time timestamptz NOT NULL, exchange_state "
      "char(1) "
      "NOT NULL DEFAULT '0'";
  for (const DatasetColumn& column : dataset.columns) {
    columns += ", " + quote_identifier(column.spec.name) + " " + sql_type(column.spec);
  }
  ROOTLET_TRY(writer.make_table(table, columns + ")"));
  ROOTLET_TRY(writer.make_table("rootlet_exports",
                                "(dataset text, exchange_table text, version bigint NOT NULL, "
                                "PRIMARY KEY(dataset, exchange_table))"));
  return writer;
}

Status ExchangeWriter::run(const std::string& statement) {
  return run_postgres(connection_.get(), name_, statement.c_str());
}

Result<std::string> ExchangeWriter::quoted(const std::string& text) {
  const std::unique_ptr<char, decltype(&PQfreemem)> literal(
      PQescapeLiteral(connection_.get(), text.data(), text.size()), PQfreemem);
  if (literal != nullptr) return std::string(literal.get());
  return postgres_refused(connection_.get(), name_, nullptr);
}

// Only if it is missing: making one needs more rights than writing into one.
Status ExchangeWriter::make_table(const std::string& table, const std::string& columns) {
  ROOTLET_TRY(const std::string name, quoted(table));
  const PostgresAnswer found(
      PQexec(connection_.get(), ("SELECT to_regclass(" + name + ") IS NULL").c_str()));
  if (PQresultStatus(found.get()) != PGRES_TUPLES_OK) {
    return postgres_refused(connection_.get(), name_, found.get());
  }
  if (PQgetvalue(found.get(), 0, 0)[0] == 'f') return ok();
  return run("CREATE TABLE " + table + columns);
}

Result<std::optional<Version>> ExchangeWriter::last_version() {
  ROOTLET_TRY(const std::string dataset, quoted(dataset_.id));
  ROOTLET_TRY(const std::string table, quoted(table_));
  const std::string query = "SELECT version FROM rootlet_exports WHERE dataset = " + dataset +
                            " AND exchange_table = " + table;
  const PostgresAnswer answer(PQexec(connection_.get(), query.c_str()));
  if (PQresultStatus(answer.get()) != PGRES_TUPLES_OK) {
    return postgres_refused(connection_.get(), name_, answer.get());
  }
  if (PQntuples(answer.get()) == 0) return std::optional<Version>();
  const std::string_view text = PQgetvalue(answer.get(), 0, 0);
  Version version = 0;
  std::from_chars(text.data(), text.data() + text.size(), version);
  return std::optional(version);
}

Status ExchangeWriter::begin_rows(Version version, std::string_view time) {
  version_ = std::to_string(version);
  time_ = time;
  std::string columns = "exchange_op, exchange_version, exchange_time";
  for (const DatasetColumn& column : dataset_.columns) {
    columns += ", " + quote_identifier(column.spec.name);
  }
  const std::string copy = "COPY " + table_ + "(" + columns + ") FROM STDIN (FORMAT csv)";
  const PostgresAnswer answer(PQexec(connection_.get(), copy.c_str()));
  if (PQresultStatus(answer.get()) == PGRES_COPY_IN) return ok();
  return postgres_refused(connection_.get(), name_, answer.get());
}

Status ExchangeWriter::add(char op, std::span<const std::string_view> cells) {
  std::vector<std::string_view> fields{std::string_view(&op, 1), version_, time_};
  for (std::size_t c = 0; c < dataset_.columns.size(); ++c) {
    const bool counts = !cells.empty() && (op != 'D' || dataset_.columns[c].key);
    fields.push_back(counts ? cells[c] : std::string_view());
  }
  append_csv_row(text_, fields);
  return text_.size() < kSendBytes ? ok() : send();
}

Status ExchangeWriter::send() {
  const int sent = PQputCopyData(connection_.get(), text_.data(), static_cast<int>(text_.size()));
  text_.clear();
  if (sent == 1) return ok();
  return postgres_refused(connection_.get(), name_, nullptr);
}

Status ExchangeWriter::commit() {
  ROOTLET_TRY(send());
  if (PQputCopyEnd(connection_.get(), nullptr) != 1) {
    return postgres_refused(connection_.get(), name_, nullptr);
  }
  while (const PostgresAnswer answer{PQgetResult(connection_.get())}) {
    if (PQresultStatus(answer.get()) == PGRES_COMMAND_OK) continue;
    return postgres_refused(connection_.get(), name_, answer.get());
  }
  ROOTLET_TRY(const std::string dataset, quoted(dataset_.id));
  ROOTLET_TRY(const std::string table, quoted(table_));
  ROOTLET_TRY(run("INSERT INTO rootlet_exports VALUES(" + dataset + ", " + table + ", " + version_ +
                  ") ON CONFLICT (dataset, exchange_table) DO UPDATE SET version = " + version_));
  return run("COMMIT");
}

}  // namespace rootlet::platform
