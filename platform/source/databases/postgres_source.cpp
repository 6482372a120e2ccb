// The connection is used by the thread that reads ahead, after it was opened here.
#include "platform/source/databases/postgres_source.hpp"

#include <algorithm>

#include "core/format/json.hpp"
#include "core/unicode/visible_text.hpp"
#include "platform/source/databases/postgres_connection.hpp"
#include "platform/source/mapping/exchange_table.hpp"
#include "platform/source/records/record_numbers.hpp"
#include "platform/source/text_rows.hpp"

namespace rootlet::platform {
namespace {

constexpr Oid kBytea = 17;  // of pg_type, the same in every server

struct FreeMemory {
  void operator()(void* memory) const { PQfreemem(memory); }
};

class PostgresSource final : public RowSource {
 public:
  PostgresSource(std::shared_ptr<PGconn> connection, std::string query, std::string exchange)
      : connection_(std::move(connection)),
        query_(std::move(query)),
        exchange_(std::move(exchange)),
        name_("PostgreSQL " + postgres::words_of(PQdb(connection_.get()))) {}

  // One state of the database, texts in one form whatever the server's settings are.
  Status prepare(const std::string& control_query) {
    for (const char* statement :
         {"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "SET LOCAL DateStyle = 'ISO, YMD'",
          "SET LOCAL TimeZone = 'UTC'", "SET LOCAL extra_float_digits = 1"}) {
      ROOTLET_TRY(run(statement));
    }
    if (!control_query.empty()) {
      ROOTLET_TRY(control_, ask_totals(control_query));
    }
    return ok();
  }

  Result<std::string> ask_snapshot() {
    const PostgresAnswer answer(PQexec(connection_.get(), "SELECT txid_current_snapshot()"));
    if (PQresultStatus(answer.get()) != PGRES_TUPLES_OK) return refused(answer.get()).error();
    return std::string(PQgetvalue(answer.get(), 0, 0));
  }

  const std::string& name() const override { return name_; }
  std::string control_totals() const override { return control_; }
  std::uint64_t number_of(std::uint64_t line) const override { return numbers_.at(line); }
  std::string place_of(std::uint64_t line) const override {
    if (line == kHeaderLine) return "the columns";
    return "row " + std::to_string(number_of(line));
  }

  // The query runs when the publish has the dataset's lock: of two publishes out of one exchange
  // table the later one sees what the earlier one took.
  Result<SourceColumns> begin(const SourceSetup& setup) override {
    ROOTLET_TRY(start());
    rows_.emplace([this](std::span<char> space) { return read(space); }, name_, setup,
                  TextRowsOptions{.progress = [progress = setup.progress](std::uint64_t bytes) {
                    if (progress) progress(bytes, 0);
                  }});
    ROOTLET_TRY(std::optional<SourceColumns> columns, rows_->begin());
    if (!columns) return bad_input(name_ + ": the query has no columns", name_);
    return std::move(*columns);
  }
  std::optional<SourceBatch> next() override { return rows_->next(); }
  void end() override {
    if (rows_) rows_->end();
  }
  void set_fingerprints(SourceTable& table) override { rows_->set_fingerprints(table); }
  std::function<Status()> marking() override {
    if (exchange_.empty()) return {};
    return [connection = connection_, name = name_,
            marks = exchange_marks(exchange_, ids_)]() -> Status {
      ROOTLET_TRY(run_postgres(connection.get(), name, "ROLLBACK"));  // the reading
      ROOTLET_TRY(run_postgres(connection.get(), name, "BEGIN READ WRITE"));
      for (const std::string& mark : marks) {
        ROOTLET_TRY(run_postgres(connection.get(), name, mark.c_str()));
      }
      return run_postgres(connection.get(), name, "COMMIT");
    };
  }

 private:
  static constexpr std::uint64_t kHeaderLine = 1;

  Status refused(const PGresult* answer) {
    return postgres_refused(connection_.get(), name_, answer);
  }
  Error lost() {
    return fail(ErrorCode::kUnreachable, name_ + ": the answer broke off after row " +
                                             std::to_string(delivered_ > 0 ? delivered_ - 1 : 0) +
                                             ": " +
                                             postgres::words_of(PQerrorMessage(connection_.get())));
  }

  Status run(const char* statement) { return run_postgres(connection_.get(), name_, statement); }

  Status start() {
    if (!exchange_.empty()) {
      ROOTLET_TRY(ask_ids());
    }
    ROOTLET_TRY(check_columns());
    const std::string copy = "COPY (" + query_ + ") TO STDOUT (FORMAT csv, HEADER)";
    const PostgresAnswer answer(PQexec(connection_.get(), copy.c_str()));
    if (PQresultStatus(answer.get()) == PGRES_COPY_OUT) return ok();
    return refused(answer.get());
  }

  Status ask_ids() {
    const PostgresAnswer answer(PQexec(connection_.get(), exchange_ids_query(exchange_).c_str()));
    if (PQresultStatus(answer.get()) != PGRES_TUPLES_OK) return refused(answer.get());
    for (int row = 0; row < PQntuples(answer.get()); ++row) {
      const auto id = parse_exchange_id(PQgetvalue(answer.get(), row, 0));
      if (!id) return bad_input(name_ + ": exchange_id must be a whole number", "exchange_id");
      ids_.push_back(*id);
    }
    return ok();
  }

  // In the transaction of the rows, so that both are of one state.
  Result<std::string> ask_totals(const std::string& query) {
    const PostgresAnswer answer(PQexec(connection_.get(), query.c_str()));
    if (PQresultStatus(answer.get()) != PGRES_TUPLES_OK) return refused(answer.get()).error();
    if (PQntuples(answer.get()) != 1) {
      return fail(ErrorCode::kUsage, name_ + ": the control query must give one row");
    }
    json::object totals;
    for (int i = 0; i < PQnfields(answer.get()); ++i) {
      totals[PQfname(answer.get(), i)] = PQgetvalue(answer.get(), 0, i);
    }
    return json::serialize(totals);
  }

  // Bytes are refused, because their text is the server's own spelling.
  Status check_columns() {
    const PostgresAnswer prepared(PQprepare(connection_.get(), "", query_.c_str(), 0, nullptr));
    if (PQresultStatus(prepared.get()) != PGRES_COMMAND_OK) return refused(prepared.get());
    const PostgresAnswer described(PQdescribePrepared(connection_.get(), ""));
    if (PQresultStatus(described.get()) != PGRES_COMMAND_OK) return refused(described.get());
    for (int i = 0; i < PQnfields(described.get()); ++i) {
      if (PQftype(described.get(), i) != kBytea) continue;
      const std::string column = visible_text(PQfname(described.get(), i));
      return bad_input(name_ + ": column " + column + " holds bytes (bytea)", column,
                       {.en = "Say in the query which text they mean: encode(column, 'hex').",
                        .zh = "请在查询中写明如何转为文本，例如 encode(列, 'hex')。"});
    }
    return ok();
  }

  // Each message is one row; a row may have several lines. Fills the space, because the caller has
  // work to do for each call.
  Result<std::size_t> read(std::span<char> space) {
    std::size_t filled = 0;
    while (filled < space.size()) {
      if (given_ == size_) {
        if (ended_) break;
        ROOTLET_TRY(fetch());
        continue;
      }
      const std::size_t bytes = std::min(space.size() - filled, size_ - given_);
      std::copy_n(row_.get() + given_, bytes, space.data() + filled);
      given_ += bytes;
      filled += bytes;
    }
    return filled;
  }

  Status fetch() {
    char* row = nullptr;
    const int size = PQgetCopyData(connection_.get(), &row, 0);
    row_.reset(row);
    given_ = size_ = 0;
    if (size == -2) return lost();
    if (size == -1) return finish();
    size_ = static_cast<std::size_t>(size);
    if (delivered_ > 0) numbers_.note(line_, delivered_);  // the first is the header
    ++delivered_;
    line_ += static_cast<std::uint64_t>(std::count(row, row + size, '\n'));
    return ok();
  }

  // What the server says at the end must be what came.
  Status finish() {
    ended_ = true;
    const PostgresAnswer answer(PQgetResult(connection_.get()));
    if (PQresultStatus(answer.get()) != PGRES_COMMAND_OK) {
      if (postgres::is_gone(connection_.get())) return lost();
      return fail(ErrorCode::kUnreachable,
                  name_ + ": the server gave up after row " +
                      std::to_string(delivered_ > 0 ? delivered_ - 1 : 0) + ": " +
                      postgres::refusal_of(answer.get(), connection_.get()));
    }
    const std::string said = PQcmdTuples(answer.get());
    const std::string came = std::to_string(delivered_ > 0 ? delivered_ - 1 : 0);
    if (said == came) return ok();
    return fail(ErrorCode::kUnreachable,
                name_ + ": the server sent " + said + " rows, " + came + " arrived");
  }

  std::shared_ptr<PGconn> connection_;
  std::string query_;
  std::string exchange_;           // the table, if it is one
  std::vector<std::int64_t> ids_;  // of its rows
  std::string name_;
  std::string control_;  // totals, as JSON
  RecordNumbers numbers_;
  std::unique_ptr<char, postgres::FreeMemory> row_;
  std::size_t size_ = 0, given_ = 0;
  std::uint64_t delivered_ = 0;       // messages, with the header's
  std::uint64_t line_ = kHeaderLine;  // where the next row begins
  bool ended_ = false;
  std::optional<TextRows> rows_;  // last: it reads from the rest
};

}  // namespace

Result<std::unique_ptr<RowSource>> open_postgres_source(const std::string& address,
                                                        std::string query,
                                                        const std::string& control_query,
                                                        std::string exchange,
                                                        std::string* snapshot) {
  const std::size_t end = query.find_last_not_of(" \t\r\n;");
  query.resize(end == query.npos ? 0 : end + 1);
  ROOTLET_TRY(std::shared_ptr<PGconn> connection, connect_postgres(address));
  auto source = std::make_unique<PostgresSource>(std::move(connection), std::move(query),
                                                 std::move(exchange));
  ROOTLET_TRY(source->prepare(control_query));
  if (snapshot != nullptr) {
    ROOTLET_TRY(*snapshot, source->ask_snapshot());
  }
  return std::unique_ptr<RowSource>(std::move(source));
}

}  // namespace rootlet::platform
