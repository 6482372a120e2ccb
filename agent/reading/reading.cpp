// Checks the right to read, prepares one SELECT, and streams its rows with ledger entries.
#include "agent/reading/reading.hpp"

#include <algorithm>

#include "agent/care/read_cache.hpp"
#include "agent/reading/provenance.hpp"
#include "core/format/csv.hpp"
#include "core/log.hpp"

namespace rootlet::agent {
namespace {

constexpr std::size_t kFlushBytes = 64 * limits::kKiB;
constexpr int kStepsBetweenStopChecks = 20'000;  // a few milliseconds of SQLite's work

struct CatalogueEntry {
  DatasetDefinition definition;
  std::vector<StreamHead> heads;
};

struct OpenDataset {
  const DatasetDefinition& definition;
  DatasetReader& reader;
  VisibleRows rows;
  json::object provenance;
};

Error not_here(const std::string& dataset) {
  return fail(ErrorCode::kUnreachable,
              "dataset " + dataset + " is granted but has not arrived yet: run `rootlet sync`");
}

Result<const Grant*> permission_for(const Office& office, const ReadRequest& request) {
  const std::string& id = request.dataset;
  const Grant* grant = office.grants().for_dataset(id);
  const Lease lease = office.lease_of(id);
  if (grant == nullptr) return check_lease(lease, id).error();
  ROOTLET_TRY(check_purpose(*grant, request.purpose));
  ROOTLET_TRY(check_lease(lease, id));
  if (grant->mode == "verify") {
    return fail(ErrorCode::kNotPermitted, "the grant for dataset " + id + " shows no rows");
  }
  return grant;
}

Result<CatalogueEntry> find_in_catalogue(Office& office, const std::string& id) {
  ROOTLET_TRY(
      std::optional<std::optional<CatalogueEntry>> entry,
      read_directory(office, [&](DirectoryView& view) -> Result<std::optional<CatalogueEntry>> {
        ROOTLET_TRY(std::optional<DatasetDefinition> definition, view.dataset(id));
        if (!definition) return std::optional<CatalogueEntry>();
        ROOTLET_TRY(std::vector<StreamHead> heads, view.heads(id));
        return std::optional(CatalogueEntry{std::move(*definition), std::move(heads)});
      }));
  if (!entry || !*entry) return not_here(id);
  return std::move(**entry);
}

Result<OpenDataset> open_dataset(const Office& office, const ReadRequest& request,
                                 const Grant& grant, const CatalogueEntry& entry,
                                 DatasetReader& reader) {
  // One read transaction, so that provenance and rows describe the same versions.
  ROOTLET_TRY(reader.database().execute("BEGIN"));
  const ReadRight right{.max_grade = grant.max_grade,
                        .masked_only = grant.mode == "masked",
                        .divisions = grant.divisions};
  ROOTLET_TRY(VisibleRows rows, reader.visible_rows(entry.definition, right));
  ROOTLET_TRY(const std::vector<HeldStream> streams, reader.streams());
  json::object provenance = provenance_json({.definition = entry.definition,
                                             .streams = streams,
                                             .heads = entry.heads,
                                             .lease = office.lease_of(request.dataset),
                                             .contact = office.contact(),
                                             .now = office.time().now,
                                             .purpose = request.purpose});
  return OpenDataset{entry.definition, reader, std::move(rows), std::move(provenance)};
}

std::string names_of(const std::vector<ShownColumn>& columns) {
  std::string out;
  for (const ShownColumn& column : columns) {
    if (column.shown != Shown::kNothing) out += (out.empty() ? "" : ", ") + column.spec.name;
  }
  return out;
}

// The named columns in that order; without names, all visible ones in the definition's order.
Result<std::vector<ShownColumn>> choose_columns(const VisibleRows& rows,
                                                const std::vector<std::string>& names) {
  std::vector<ShownColumn> out;
  for (const ShownColumn& column : rows.columns) {
    if (names.empty() && column.shown != Shown::kNothing) out.push_back(column);
  }
  for (const std::string& name : names) {
    const auto found = std::find_if(rows.columns.begin(), rows.columns.end(),
                                    [&](const ShownColumn& one) { return one.spec.name == name; });
    if (found == rows.columns.end()) {
      return bad_input("there is no column '" + name + "'; there are: " + names_of(rows.columns),
                       "columns");
    }
    if (found->shown == Shown::kNothing) {
      return fail(ErrorCode::kNotPermitted, "column " + name + " is above the granted grade");
    }
    out.push_back(*found);
  }
  return out;
}

std::vector<FilterColumn> filter_columns(const VisibleRows& rows) {
  std::vector<FilterColumn> out;
  for (const ShownColumn& column : rows.columns) {
    if (column.shown == Shown::kNothing) continue;
    out.push_back({column.spec, quote_identifier(column.spec.name)});
  }
  return out;
}

// Equality with each key column. `key` is one CSV row, so that a quoted value may contain a comma.
Result<Condition> key_condition(const OpenDataset& dataset, const std::string& key,
                                std::span<const FilterColumn> columns) {
  const std::vector<std::size_t> keys = dataset.definition.key_columns();
  CsvReader values = CsvReader::over(key, "key");
  ROOTLET_TRY(const bool any, values.next());
  std::string names;
  for (const std::size_t at : keys) {
    names += (names.empty() ? "" : ",") + dataset.definition.columns[at].spec.name;
  }
  if (!any || values.size() != keys.size()) {
    return bad_input("the key of dataset " + dataset.definition.id + " is " + names, "key");
  }
  Condition out;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::string& name = dataset.definition.columns[keys[i]].spec.name;
    Result<Condition> one = parse_filter(name + "=eq." + std::string(values.field(i)), columns);
    if (one.has_error()) {
      return bad_input("key: '" + name + "' cannot be looked up by this value", "key");
    }
    out.sql += (out.sql.empty() ? "" : " AND ") + one.value().sql;
    for (OwnedCell& cell : one.value().values) out.values.push_back(std::move(cell));
  }
  return out;
}

Result<std::vector<Condition>> conditions_of(const OpenDataset& dataset,
                                             const ReadRequest& request) {
  const std::vector<FilterColumn> columns = filter_columns(dataset.rows);
  std::vector<Condition> out;
  for (const std::string& filter : request.filters) {
    ROOTLET_TRY(Condition condition, parse_filter(filter, columns));
    out.push_back(std::move(condition));
  }
  if (request.key) {
    ROOTLET_TRY(Condition condition, key_condition(dataset, *request.key, columns));
    out.push_back(std::move(condition));
  }
  if (request.text) {
    std::vector<FilterColumn> searched;
    for (const FilterColumn& column : columns) {
      const DatasetColumn* defined = dataset.definition.column(column.spec.name);
      if (defined != nullptr && defined->search) searched.push_back(column);
    }
    out.push_back(text_condition(*request.text, searched));
  }
  return out;
}

Result<Statement> prepare_rows(OpenDataset& dataset, const std::vector<ShownColumn>& columns,
                               const std::vector<Condition>& conditions, std::size_t limit) {
  std::string sql;
  for (const ShownColumn& column : columns) {
    sql += (sql.empty() ? "SELECT " : ", ") + quote_identifier(column.spec.name);
  }
  sql += " FROM " + dataset.rows.sql;
  for (std::size_t i = 0; i < conditions.size(); ++i) {
    sql += (i == 0 ? " WHERE (" : " AND (") + conditions[i].sql + ")";
  }
  // One row more than `limit` shows whether there are more.
  if (limit > 0) sql += " LIMIT " + std::to_string(limit + 1);
  ROOTLET_TRY(Statement statement, dataset.reader.database().prepare(sql));
  int index = 0;
  for (const Condition& condition : conditions) {
    for (const OwnedCell& value : condition.values) {
      if (value.kind == CellView::Kind::kInteger) {
        statement.bind(++index, value.integer);
      } else {
        statement.bind(++index, std::string_view(value.text));
      }
    }
  }
  return statement;
}

json::object head_json(const OpenDataset& dataset, const std::vector<ShownColumn>& columns) {
  json::array names;
  for (const ShownColumn& column : columns) {
    const DatasetColumn* defined = dataset.definition.column(column.spec.name);
    names.push_back(json::object{{"name", column.spec.name},
                                 {"type", name_of(column.spec.type)},
                                 {"masked", column.shown == Shown::kMasked},
                                 {"title", to_json(defined->title)}});
  }
  return {{"columns", std::move(names)}, {"provenance", dataset.provenance}};
}

// Buffers rows for the sink, and appends a ledger entry before any row is sent. Keeps the first
// error of ledger or sink apart from those of the dataset's file.
class LedgeredRows {
 public:
  LedgeredRows(Ledger& ledger, Use use, AnswerSink& sink)
      : ledger_(ledger), use_(std::move(use)), sink_(sink) {}

  // False if the reading must stop: trouble() says why.
  bool begin(const json::object& head) { return keep(sink_.head(head)); }
  bool add(json::array row, std::size_t bytes) {
    rows_.push_back(std::move(row));
    bytes_ += bytes;
    ++count_;
    return bytes_ < kFlushBytes || keep(flush("started"));
  }

  // Appends an entry with the whole count before it sends the last rows.
  void finish(std::string_view outcome) {
    if (trouble_) return;
    noted_ = false;
    keep(flush(outcome));
  }

  std::uint64_t count() const { return count_; }
  const std::optional<Error>& trouble() const { return trouble_; }

 private:
  bool keep(const Status& done) {
    if (done.has_error() && !trouble_) trouble_ = done.error();
    return done.has_value();
  }

  Status flush(std::string_view outcome) {
    if (!noted_) {
      use_.count = static_cast<std::int64_t>(count_);
      use_.outcome = std::string(outcome);
      ROOTLET_TRY(ledger_.append(use_));
      noted_ = true;
    }
    if (rows_.empty()) return ok();
    ROOTLET_TRY(sink_.rows(rows_));
    rows_.clear();
    bytes_ = 0;
    return ok();
  }

  Ledger& ledger_;
  Use use_;
  AnswerSink& sink_;
  std::optional<Error> trouble_;
  json::array rows_;
  std::size_t bytes_ = 0;
  std::uint64_t count_ = 0;
  bool noted_ = false;
};

Result<ReadOutcome> stream_rows(Statement& statement, const std::vector<ShownColumn>& columns,
                                std::size_t limit, LedgeredRows& out) {
  ReadOutcome outcome;
  while (true) {
    ROOTLET_TRY(const bool row, statement.step());
    if (!row) break;
    if (limit > 0 && out.count() == limit) {
      outcome.more = true;
      break;
    }
    json::array cells;
    cells.reserve(columns.size());
    std::size_t bytes = 2;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const CellView cell = stored_cell(statement, static_cast<int>(i), columns[i].spec);
      bytes += cell.text.size() + 12;
      cells.push_back(cell_json(columns[i].spec, cell));
    }
    if (!out.add(std::move(cells), bytes)) break;
  }
  outcome.count = out.count();
  return outcome;
}

// Errors are those of the request and of the dataset's file; `out` keeps the others.
Result<ReadOutcome> read_rows(OpenDataset dataset, const ReadRequest& request,
                              const StopCheck& should_stop, LedgeredRows& out) {
  ROOTLET_TRY(const std::vector<ShownColumn> columns,
              choose_columns(dataset.rows, request.columns));
  ROOTLET_TRY(const std::vector<Condition> conditions, conditions_of(dataset, request));
  ROOTLET_TRY(Statement statement, prepare_rows(dataset, columns, conditions, request.limit));
  dataset.reader.database().on_progress(kStepsBetweenStopChecks, should_stop);
  if (!out.begin(head_json(dataset, columns))) return ReadOutcome{};
  Result<ReadOutcome> outcome = stream_rows(statement, columns, request.limit, out);
  out.finish(outcome.has_error() ? name_of(outcome.error().code) : std::string_view("done"));
  return outcome;
}

Result<ReadOutcome> read_permitted(Office& office, const ReadRequest& request, Ledger& ledger,
                                   const Use& use, AnswerSink& sink, const StopCheck& should_stop) {
  ROOTLET_TRY(const Grant* grant, permission_for(office, request));
  ROOTLET_TRY(const CatalogueEntry entry, find_in_catalogue(office, request.dataset));
  LedgeredRows rows(ledger, use, sink);
  ROOTLET_TRY(
      const std::optional<ReadOutcome> outcome,
      read_held_dataset(office, request.dataset, [&](DatasetReader& reader) -> Result<ReadOutcome> {
        ROOTLET_TRY(OpenDataset dataset, open_dataset(office, request, *grant, entry, reader));
        return read_rows(std::move(dataset), request, should_stop, rows);
      }));
  if (!outcome) return not_here(request.dataset);
  if (rows.trouble()) return *rows.trouble();
  return *outcome;
}

bool is_refusal(const Error& error) {
  return error.code == ErrorCode::kNotPermitted || error.code == ErrorCode::kLeaseEnded;
}

}  // namespace

Result<ReadOutcome> read_dataset(Office& office, const Peer& peer, const ReadRequest& request,
                                 AnswerSink& sink, const StopCheck& should_stop) {
  ROOTLET_TRY(Ledger ledger, Ledger::open(office.home(), office.keys()));
  Use use{.at = office.time().now,
          .uid = peer.uid,
          .user = peer.user,
          .command = request.command,
          .dataset = request.dataset,
          .purpose = request.purpose,
          .count = 0,
          .outcome = "",
          .subject = ""};
  const std::optional<std::string>& looked_up = request.key ? request.key : request.text;
  if (looked_up) {
    ROOTLET_TRY(use.subject, ledger.subject_of(request.dataset, *looked_up));
  }
  Result<ReadOutcome> outcome = read_permitted(office, request, ledger, use, sink, should_stop);
  if (outcome.has_error() && is_refusal(outcome.error())) {
    use.outcome = std::string(name_of(outcome.error().code));
    ROOTLET_TRY(ledger.append(use));
  }
  return outcome;
}

std::vector<std::string> readable_datasets(const Office& office, std::string_view purpose) {
  std::vector<std::string> out;
  for (const Grant& grant : office.grants().grants) {
    const bool open = office.lease_of(grant.dataset).access == Access::kOpen;
    if (open && check_purpose(grant, purpose).has_value()) out.push_back(grant.dataset);
  }
  return out;
}

json::value cell_json(const ColumnSpec& column, const CellView& cell) {
  if (cell.kind == CellView::Kind::kNull) return nullptr;
  if (column.type == ColumnType::kInteger) return cell.integer;
  if (column.type == ColumnType::kBoolean) return cell.integer != 0;
  if (column.type == ColumnType::kDecimal) return json::value(format_cell(column, cell));
  if (column.type == ColumnType::kBytes) return json::value(to_hex(as_bytes(cell.text)));
  return json::value(json::string_view(cell.text.data(), cell.text.size()));
}

std::string_view name_of(ColumnType type) {
  switch (type) {
    case ColumnType::kText:
      return "text";
    case ColumnType::kInteger:
      return "integer";
    case ColumnType::kDecimal:
      return "decimal";
    case ColumnType::kDate:
      return "date";
    case ColumnType::kDatetime:
      return "datetime";
    case ColumnType::kBoolean:
      return "boolean";
    case ColumnType::kBytes:
      return "bytes";
  }
  return "text";
}

}  // namespace rootlet::agent
