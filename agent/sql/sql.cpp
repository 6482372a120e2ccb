// Plans a statement, starts its process, and passes its rows on.
#include "agent/sql/sql.hpp"

#include <algorithm>
#include <atomic>

#include "agent/care/damage.hpp"
#include "agent/query/provenance.hpp"
#include "agent/sql/sql_head.hpp"
#include "agent/sql/sql_places.hpp"
#include "agent/sql/sql_process.hpp"
#include "agent/sql/sql_tables.hpp"
#include "agent/sql/sql_words.hpp"
#include "core/format/json_values.hpp"

namespace rootlet::agent {
namespace {

using std::chrono::milliseconds;

std::string joined_ids(const std::vector<const ReadableTable*>& tables) {
  std::string out;
  for (const ReadableTable* table : tables) out += (out.empty() ? "" : ",") + table->id();
  return out;
}

// One statement, from its text to its last row.
class SqlRun {
 public:
  SqlRun(Office& office, const SqlRequest& request, AnswerSink& sink, const StopCheck& should_stop,
         const SqlOptions& options, Ledger& ledger, Use& use)
      : office_(office),
        request_(request),
        sink_(sink),
        should_stop_(should_stop),
        options_(options),
        ledger_(ledger),
        use_(use),
        time_(options.time + milliseconds(1'000)) {}  // the process itself ends first, with words

  Result<SqlOutcome> run() {
    if (options_.program.empty()) {
      return fail(ErrorCode::kInternal, "SQL: this program starts no process for statements");
    }
    ROOTLET_TRY(SqlJob job, plan());
    ROOTLET_TRY(const SqlPlace place, SqlPlace::take(options_.patience, should_stop_));
    ROOTLET_TRY(SqlProcess process, SqlProcess::start(options_.program, job));
    job = {};
    ROOTLET_TRY(prepare(process));
    return pass_rows(process);
  }

 private:
  Result<SqlJob> plan() {
    std::set<std::string> names;
    for (const SqlName& name : names_in(request_.sql)) names.insert(name.text);
    ROOTLET_TRY(tables_, readable_tables(office_, request_.purpose, &names));
    if (readable_datasets(office_, request_.purpose).empty()) {
      return fail(ErrorCode::kNotPermitted,
                  "no grant allows reading for purpose '" + request_.purpose + "' now");
    }
    if (tables_.size() > limits::kSqlTables) {
      return bad_input("SQL: names " + std::to_string(tables_.size()) + " datasets; at most " +
                           std::to_string(limits::kSqlTables),
                       "sql");
    }
    std::vector<const ReadableTable*> named;
    for (const ReadableTable& table : tables_) named.push_back(&table);
    use_.dataset = joined_ids(named);
    may_export_ = std::all_of(tables_.begin(), tables_.end(), [](const ReadableTable& table) {
      return table.grant->may_export && table.grant->caps == GrantCaps();
    });
    use_.is_emergency = std::any_of(tables_.begin(), tables_.end(), [](const ReadableTable& one) {
      return one.grant->emergency.has_value();
    });
    ROOTLET_TRY(const std::uint64_t most, most_rows());
    SqlJob job{.sql = request_.sql,
               .parameters = request_.parameters,
               .tables = {},
               .rows = request_.limit == 0 ? most : std::min(request_.limit, most),
               .answer_bytes = options_.answer_bytes,
               .processor_time = options_.time,
               .memory_bytes = options_.memory_bytes};
    for (const ReadableTable& table : tables_) {
      ROOTLET_TRY(std::optional<SqlTable> one, job_table(office_, table));
      if (one) job.tables.push_back(std::move(*one));
    }
    return job;
  }

  // Without exports, or with a cap on what a person may take, pages of SQL count as those of
  // `query` do.
  Result<std::uint64_t> most_rows() {
    if (may_export_) return limits::kSqlRows;
    RowCaps caps;
    for (const ReadableTable& table : tables_) caps.merge(row_caps(*table.grant));
    RowCounter counter(caps.empty() ? limits::kRowWindow : limits::kCapWindow);
    ROOTLET_TRY(counter.catch_up(ledger_, use_.at));
    return counter.promise(use_, limits::kScreenRows, caps);
  }

  // Until the first frame with rows: which datasets are read, and whether they
  // may be.
  Status prepare(SqlProcess& process) {
    ROOTLET_TRY(const SqlFrame frame, next(process));
    if (frame.kind != FrameKind::kPrepared) return broken();
    ROOTLET_TRY(const json::value answer, parse_json(as_text(frame.content), "SQL answer"));
    ROOTLET_TRY(JsonObject object, JsonObject::from(answer, "SQL answer"));
    ROOTLET_TRY(const std::vector<std::string> ids, object.texts("used", limits::kSqlTables));
    for (const std::string& id : ids) {
      const auto found = std::find_if(tables_.begin(), tables_.end(),
                                      [&](const ReadableTable& one) { return one.id() == id; });
      if (found == tables_.end()) return broken();
      used_.push_back(&*found);
    }
    use_.dataset = joined_ids(used_);
    ROOTLET_TRY(check_joins(used_));
    json::array sources;
    for (const ReadableTable* table : used_) {
      ROOTLET_TRY(const SqlFrame streams, next(process));
      if (streams.kind != FrameKind::kStreams) return broken();
      ROOTLET_TRY(json::object source, provenance_of(*table, streams.content));
      sources.push_back(std::move(source));
    }
    ROOTLET_TRY(const json::array* columns, object.array("columns", 2'000));
    head_ = {{"columns", head_columns(*columns, used_)},
             {"provenance", merged_provenance(sources, request_.purpose)},
             {"sources", std::move(sources)}};
    return ok();
  }

  Result<json::object> provenance_of(const ReadableTable& table, ByteView streams) {
    ROOTLET_TRY(const std::vector<HeldStream> held, read_streams(streams));
    return provenance_json({.definition = table.entry.definition,
                            .streams = summary_of(held, table.entry.heads),
                            .lease = office_.lease_of(table.id()),
                            .contact = office_.contact(),
                            .now = office_.time().now,
                            .purpose = request_.purpose});
  }

  // No frame of rows is passed on before its ledger entry is on disk. A short
  // answer has one entry; a long one has "started", and its end.
  Result<SqlOutcome> pass_rows(SqlProcess& process) {
    ROOTLET_TRY(sink_.head(head_));
    std::uint64_t count = 0;
    std::optional<json::array> waiting;
    bool is_noted = false;
    while (true) {
      Result<SqlFrame> frame = next(process);
      if (frame.has_value() && frame.value().kind == FrameKind::kRows) {
        ROOTLET_TRY(json::value rows, parse_json(as_text(frame.value().content), "SQL answer"));
        if (!rows.is_array()) return broken();
        if (waiting) {
          if (!std::exchange(is_noted, true)) {
            ROOTLET_TRY(note(count, "started"));
          }
          ROOTLET_TRY(sink_.rows(*waiting));
        }
        waiting = std::move(rows.get_array());
        count += waiting->size();
        continue;
      }
      const bool is_done = frame.has_value() && frame.value().kind == FrameKind::kDone;
      const Error error = frame.has_error() ? frame.error() : broken();
      ROOTLET_TRY(note(count, is_done ? "done" : name_of(error.code)));
      if (waiting) {
        ROOTLET_TRY(sink_.rows(*waiting));
      }
      if (!is_done) return error;
      ROOTLET_TRY(SqlOutcome outcome, outcome_of(frame.value(), count));
      const bool is_export = outcome.cut == "rows" && !may_export_ && count >= limits::kScreenRows;
      if (is_export) outcome.cut = "export";
      return outcome;
    }
  }

  Status note(std::uint64_t count, std::string_view outcome) {
    use_.count = json_count(count);
    use_.outcome = std::string(outcome);
    ROOTLET_TRY(ledger_.append(use_));
    return ok();
  }

  static Result<SqlOutcome> outcome_of(const SqlFrame& done, std::uint64_t count) {
    ROOTLET_TRY(const json::value answer, parse_json(as_text(done.content), "SQL answer"));
    if (!answer.is_object()) return broken();
    return SqlOutcome{.count = count,
                      .more = boolean_at(answer.get_object(), "more"),
                      .cut = text_at(answer.get_object(), "cut")};
  }

  // The next frame that is no failure.
  Result<SqlFrame> next(SqlProcess& process) {
    SqlFrame frame;
    switch (process.next(frame, time_, [this] { return should_stop_() || sink_.is_gone(); })) {
      case SqlProcess::Outcome::kFrame:
        break;
      case SqlProcess::Outcome::kLate:
        return explain({.problem = SqlProblem::kTime, .message = "time"}, request_.sql, {});
      case SqlProcess::Outcome::kStopped:
        return fail(ErrorCode::kUnreachable, "SQL: stopped, because nobody waits for the answer");
      case SqlProcess::Outcome::kEnded:
        return ended();
    }
    if (frame.kind != FrameKind::kFailure) return frame;
    ROOTLET_TRY(const json::value answer, parse_json(as_text(frame.content), "SQL answer"));
    if (!answer.is_object()) return broken();
    return explained(answer.get_object());
  }

  Error explained(const json::object& answer) {
    const SqlFailure failure{.problem = sql_problem_named(text_at(answer, "problem")),
                             .message = text_at(answer, "message"),
                             .name = text_at(answer, "name"),
                             .offset = static_cast<int>(integer_at(answer, "offset")),
                             .is_damage = boolean_at(answer, "damaged")};
    const std::string missing = missing_table(failure);
    if (!missing.empty()) {
      std::optional<Error> refused = refusal_of(office_, missing, request_.purpose);
      if (refused) {
        use_.dataset = missing;
        return std::move(*refused);
      }
    }
    Error error = explain(failure, request_.sql, known_names());
    std::string damaged = text_at(answer, "dataset");
    if (damaged.empty() && tables_.size() == 1) damaged = tables_.front().id();
    if (error.code != ErrorCode::kStorageDamaged || damaged.empty()) return error;
    return DamageWatch(office_, dataset_key_name(damaged)).explain(std::move(error));
  }

  KnownNames known_names() const {
    KnownNames known{.tables = readable_datasets(office_, request_.purpose), .columns = {}};
    for (const ReadableTable& table : tables_) {
      for (const ShownColumn& column : table.columns) known.columns.push_back(column.spec.name);
    }
    return known;
  }

  // The kernel stops a process that takes too much; and a defect would end it
  // too.
  static Error ended() {
    return bad_input("SQL: stopped: it took more memory or time than a statement may", "",
                     {.en = "Narrow it with WHERE, or sort and group fewer rows.",
                      .zh = "所需内存或时间超过上限，已停止。请用 WHERE 缩小范围。"});
  }
  static Error broken() {
    return fail(ErrorCode::kInternal, "SQL: its process answered out of order");
  }

  Office& office_;
  const SqlRequest& request_;
  AnswerSink& sink_;
  const StopCheck& should_stop_;
  const SqlOptions& options_;
  Ledger& ledger_;
  Use& use_;
  milliseconds time_;
  std::vector<ReadableTable> tables_;
  std::vector<const ReadableTable*> used_;
  json::object head_;
  bool may_export_ = false;
};

bool is_refusal(const Error& error) {
  return error.code == ErrorCode::kNotPermitted || error.code == ErrorCode::kLeaseEnded;
}

Use use_for(const Office& office, const Peer& peer, const std::string& purpose) {
  return {.at = office.time().now,
          .uid = peer.uid,
          .user = peer.user,
          .command = "sql",
          .dataset = "",
          .purpose = purpose,
          .count = 0,
          .outcome = "",
          .subject = ""};
}

}  // namespace

namespace {
std::atomic<bool> is_sql_program{false};
}  // namespace

void use_this_program_for_sql() {
  is_sql_program = true;
}

std::filesystem::path sql_program() {
  return is_sql_program ? "/proc/self/exe" : "";  // also after an update has replaced the file
}

Result<SqlOutcome> run_sql(Office& office, const Peer& peer, const SqlRequest& request,
                           AnswerSink& sink, const StopCheck& should_stop,
                           const SqlOptions& options) {
  ROOTLET_TRY(Ledger ledger, Ledger::open(office.home(), office.keys()));
  Use use = use_for(office, peer, request.purpose);
  ROOTLET_TRY(use.subject, ledger.subject_of("sql", request.sql));
  Result<SqlOutcome> outcome =
      SqlRun(office, request, sink, should_stop, options, ledger, use).run();
  // What reading began has its entry already.
  if (outcome.has_error() && is_refusal(outcome.error()) && use.outcome.empty()) {
    use.outcome = std::string(name_of(outcome.error().code));
    ROOTLET_TRY(ledger.append(use));
  }
  return outcome;
}

Result<json::array> describe_tables(Office& office, const Peer& peer, const std::string& purpose) {
  ROOTLET_TRY(const std::vector<ReadableTable> tables, readable_tables(office, purpose, nullptr));
  if (tables.empty() && readable_datasets(office, purpose).empty()) {
    ROOTLET_TRY(Ledger ledger, Ledger::open(office.home(), office.keys()));
    Use use = use_for(office, peer, purpose);
    use.outcome = std::string(name_of(ErrorCode::kNotPermitted));
    ROOTLET_TRY(ledger.append(use));
    return fail(ErrorCode::kNotPermitted,
                "no grant allows reading for purpose '" + purpose + "' now");
  }
  json::array out;
  for (const ReadableTable& table : tables) {
    json::array columns;
    for (const ShownColumn& column : table.columns) {
      const DatasetColumn* defined = table.entry.definition.column(column.spec.name);
      columns.push_back(json::object{{"name", column.spec.name},
                                     {"type", name_of(column.spec.type)},
                                     {"key", defined->key},
                                     {"masked", column.shown == Shown::kMasked},
                                     {"title", to_json(defined->title)}});
    }
    out.push_back(json::object{{"table", table.id()},
                               {"title", to_json(table.entry.definition.title)},
                               {"join", json_texts(table.grant->join)},
                               {"columns", std::move(columns)}});
  }
  return out;
}

}  // namespace rootlet::agent
