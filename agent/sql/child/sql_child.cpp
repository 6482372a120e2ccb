#include "agent/sql/child/sql_child.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <map>

#include "agent/sql/child/sandbox.hpp"
#include "agent/sql/child/sql_job.hpp"
#include "core/format/json_values.hpp"
#include "core/local_limits.hpp"
#include "core/unicode/utf8.hpp"

namespace rootlet::agent {
namespace {

constexpr int kSocket = 0;
constexpr std::size_t kFlushBytes = 64 * limits::kKiB;
constexpr long kMostDescriptors = 4096;  // those that could be inherited

Result<std::size_t> read_socket(std::span<std::uint8_t> space) {
  while (true) {
    const ssize_t count = ::read(kSocket, space.data(), space.size());
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) return fail(ErrorCode::kInternal, "read the job");
  }
}

// If the agent is gone there is nobody to answer, so this ends the process.
void write_socket(ByteView left) {
  while (!left.empty()) {
    const ssize_t count = ::write(kSocket, left.data(), left.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) ::_exit(1);
    left = left.subspan(static_cast<std::size_t>(count));
  }
}

void send(FrameKind kind, ByteView content) {
  ByteWriter writer;
  writer.u32(static_cast<std::uint32_t>(content.size()));
  writer.u8(static_cast<std::uint8_t>(kind));
  write_socket(writer.view());
  write_socket(content);
}

void send(FrameKind kind, const json::value& content) {
  send(kind, as_bytes(json::serialize(content)));
}

void send_failure(const SqlFailure& failure, const std::string& dataset = {}) {
  send(FrameKind::kFailure, json::object{{"problem", name_of(failure.problem)},
                                         {"message", repaired_utf8(failure.message)},
                                         {"name", repaired_utf8(failure.name)},
                                         {"offset", failure.offset},
                                         {"damaged", failure.is_damage},
                                         {"dataset", dataset}});
}

void send_failure(const Error& error, const std::string& dataset = {}) {
  send_failure(SqlFailure{.problem = SqlProblem::kFile,
                          .message = error.message,
                          .is_damage = error.code == ErrorCode::kStorageDamaged},
               dataset);
}

// Whatever the agent had open is none of this process's business.
void close_inherited() {
#ifdef SYS_close_range  // Linux 5.9
  if (::syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, 0) == 0) return;
#endif
  const long most = std::min(::sysconf(_SC_OPEN_MAX), kMostDescriptors);
  for (int descriptor = STDERR_FILENO + 1; descriptor < most; ++descriptor) ::close(descriptor);
}

// What is known of a stored column: where it is shown, and how.
struct StoredColumn {
  std::string dataset;
  ColumnSpec spec;
};

// What a person sees in a column: decimals are stored as whole numbers.
std::string shown_expression(const ColumnSpec& spec) {
  const std::string quoted = quote_identifier(spec.name);
  if (spec.type != ColumnType::kDecimal || spec.scale == 0) return quoted;
  return "(" + quoted + "/1" + std::string(spec.scale, '0') + ".0)";
}

class Runner {
 public:
  Runner(SqlJob job, GuardedQuery query) : job_(std::move(job)), query_(std::move(query)) {}

  // Sends the failure itself. False: it has.
  bool open_tables() {
    for (const SqlTable& table : job_.tables) {
      const Result<std::string> schema = query_.attach(table.file, table.key);
      if (schema.has_error()) {
        send_failure(schema.error(), table.dataset);
        return false;
      }
      schemas_.push_back(schema.value());
    }
    const Status reading = query_.begin_reading();
    if (reading.has_error()) send_failure(reading.error());
    for (std::size_t i = 0; reading.has_value() && i < job_.tables.size(); ++i) {
      const Status added = add_table(job_.tables[i], schemas_[i]);
      if (added.has_error()) {
        send_failure(added.error(), job_.tables[i].dataset);
        return false;
      }
    }
    return reading.has_value();
  }

  Status enter() {
    for (SqlTable& table : job_.tables) table.key = SymmetricKey();
    ROOTLET_TRY(query_.close_access());
    ::tzset();  // reads the system's time zone while it may
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(job_.processor_time);
    return enter_sandbox(
        {.more_memory_bytes = static_cast<std::size_t>(job_.memory_bytes) + limits::kSqlSpareBytes,
         .processor_time = seconds + std::chrono::seconds(2),
         .writable = kSocket});
  }

  void run() {
    std::optional<SqlFailure> failure = query_.prepare(job_.sql);
    if (!failure) failure = bind();
    if (failure) return send_failure(*failure);
    columns_ = query_.columns();
    send_prepared();
    send_rows();
  }

 private:
  Status add_table(const SqlTable& table, const std::string& schema) {
    ROOTLET_TRY(const DatasetDefinition definition,
                DatasetDefinition::parse(table.definition, table.dataset));
    ROOTLET_TRY(const VisibleRows rows,
                visible_rows(query_.database(), schema, definition, table.right));
    std::vector<ViewColumn> columns;
    for (const ShownColumn& column : rows.columns) {
      if (column.shown == Shown::kNothing) continue;
      columns.push_back({column.spec.name, shown_expression(column.spec)});
      const std::string stored =
          column.shown == Shown::kMasked ? masked_name(column.spec.name) : column.spec.name;
      stored_[{schema, stored}] = {table.dataset, column.spec};
    }
    if (columns.empty()) return ok();
    ROOTLET_TRY(query_.add_view(table.dataset, columns, rows.sql));
    ROOTLET_TRY(streams_[table.dataset], load_held_streams(query_.database(), schema));
    return ok();
  }

  std::optional<SqlFailure> bind() {
    std::vector<std::string> names;
    if (std::optional<SqlFailure> failure = query_.parameters(names)) return failure;
    std::set<std::string> used;
    for (const std::string& name : names) {
      const auto given =
          std::find_if(job_.parameters.begin(), job_.parameters.end(),
                       [&](const SqlParameter& one) { return one.name == name.substr(1); });
      if (given == job_.parameters.end()) {
        return SqlFailure{.message = "no value for parameter " + name};
      }
      query_.bind(name, given->value);
      used.insert(given->name);
    }
    for (const SqlParameter& one : job_.parameters) {
      if (!used.contains(one.name)) {
        return SqlFailure{.message = "no such parameter: " + one.name};
      }
    }
    return std::nullopt;
  }

  // Null for a computed column.
  const StoredColumn* stored(const SqlColumn& column) const {
    const auto found = stored_.find({column.schema, column.column});
    return found != stored_.end() ? &found->second : nullptr;
  }

  void send_prepared() {
    json::array columns;
    std::map<std::string, int> seen;  // rows of JSON Lines need different names
    for (const SqlColumn& column : columns_) {
      const int count = ++seen[column.name];
      std::string name = repaired_utf8(column.name);
      if (count > 1) name += " (" + std::to_string(count) + ")";
      const StoredColumn* const known = stored(column);
      columns.push_back(json::object{{"name", name},
                                     {"dataset", known != nullptr ? known->dataset : ""},
                                     {"column", known != nullptr ? known->spec.name : ""}});
    }
    const std::vector<std::string> used = query_.used_views();
    send(FrameKind::kPrepared,
         json::object{{"columns", std::move(columns)}, {"used", json_texts(used)}});
    for (const std::string& dataset : used) {
      send(FrameKind::kStreams, encode_streams(streams_[dataset]));
    }
  }

  json::value cell_json(std::size_t at) const {
    const SqlCell cell = query_.cell(static_cast<int>(at));
    const StoredColumn* const known = stored(columns_[at]);
    switch (cell.kind) {
      case SqlCell::Kind::kNull:
        return nullptr;
      case SqlCell::Kind::kInteger:
        if (known != nullptr && known->spec.type == ColumnType::kBoolean) return cell.integer != 0;
        return cell.integer;
      case SqlCell::Kind::kReal:
        if (!std::isfinite(cell.real)) return json::value(cell.real > 0 ? "Inf" : "-Inf");
        return cell.real;
      case SqlCell::Kind::kText:
        return json::value(repaired_utf8(cell.text));
      case SqlCell::Kind::kBytes:
        return json::value(to_hex(as_bytes(cell.text)));
    }
    return nullptr;
  }

  void send_rows() {
    json::array rows;
    std::uint64_t count = 0, bytes = 0, waiting = 0;
    std::string_view cut;
    while (true) {
      const std::variant<bool, SqlFailure> step = query_.step();
      if (const auto* failure = std::get_if<SqlFailure>(&step)) return send_failure(*failure);
      if (!std::get<bool>(step)) break;
      if (count == job_.rows) cut = "rows";
      if (bytes > job_.answer_bytes) cut = "bytes";
      if (!cut.empty()) break;
      std::uint64_t row_bytes = 2;
      for (std::size_t i = 0; i < columns_.size(); ++i) {
        row_bytes += query_.cell(static_cast<int>(i)).text.size() + 12;
      }
      if (row_bytes > kFrameBytes / 8) {  // escapes in JSON take six bytes for one
        return send_failure(
            SqlFailure{.problem = SqlProblem::kTooLarge, .message = "a row is too large"});
      }
      json::array row;
      for (std::size_t i = 0; i < columns_.size(); ++i) row.push_back(cell_json(i));
      rows.push_back(std::move(row));
      ++count;
      bytes += row_bytes;
      waiting += row_bytes;
      if (waiting < kFlushBytes) continue;
      send(FrameKind::kRows, std::exchange(rows, {}));
      waiting = 0;
    }
    if (!rows.empty()) send(FrameKind::kRows, rows);
    send(FrameKind::kDone, json::object{{"count", count}, {"more", !cut.empty()}, {"cut", cut}});
  }

  SqlJob job_;
  GuardedQuery query_;
  std::vector<std::string> schemas_;  // of the tables
  std::map<std::pair<std::string, std::string>, StoredColumn> stored_;
  std::map<std::string, std::vector<HeldStream>> streams_;
  std::vector<SqlColumn> columns_;
};

}  // namespace

int run_sql_process() {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // the agent's thread that waits for the answer
  close_inherited();
  Result<SqlJob> job = read_job(read_socket);
  if (job.has_error()) return 1;  // not from the agent: there is nothing to say
  Result<GuardedQuery> query =
      GuardedQuery::open({.sql_bytes = limits::kSqlBytes,
                          .value_bytes = limits::kSqlValueBytes,
                          .memory_bytes = static_cast<std::size_t>(job.value().memory_bytes),
                          .processor_time = job.value().processor_time});
  if (query.has_error()) {
    send_failure(query.error());
    return 0;
  }
  Runner runner(std::move(job).value(), std::move(query).value());
  if (!runner.open_tables()) return 0;
  const Status entered = runner.enter();
  if (entered.has_error()) {
    send_failure(entered.error());
    return 0;
  }
  runner.run();
  ::_exit(0);  // what ends a program otherwise needs calls that are gone
}

}  // namespace rootlet::agent
