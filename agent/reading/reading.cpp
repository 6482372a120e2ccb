// Checks the right to read, prepares one SELECT, and streams its rows with ledger entries.
#include "agent/reading/reading.hpp"

#include <algorithm>

#include "agent/query/permission.hpp"
#include "agent/query/stops_when_asked.hpp"
#include "agent/reading/export.hpp"
#include "agent/reading/ledgered_rows.hpp"
#include "agent/reading/lookup.hpp"
#include "agent/reading/row_plan.hpp"
#include "agent/reading/search_rows.hpp"
#include "core/local_limits.hpp"

namespace rootlet::agent {
namespace {

// One read, from the right to it to its rows.
struct Reading {
  ReadingSession& session;
  const ReadRequest& request;
  AnswerSink& sink;
  const StopCheck& should_stop;
  Use use;
};

json::object provenance_of(const Reading& reading, HeldDataset& dataset,
                           const std::shared_ptr<const CatalogueEntry>& entry) {
  Office& office = reading.session.office();
  return provenance_json({.definition = entry->definition,
                          .streams = dataset.summary(entry),
                          .lease = office.lease_of(reading.request.dataset),
                          .contact = office.contact(),
                          .now = office.time().now,
                          .purpose = reading.request.purpose});
}

Result<ReadOutcome> stream_rows(Statement& statement, const RowPlan& plan, std::size_t limit,
                                const HeldDataset& dataset, LedgeredRows& out) {
  ReadOutcome outcome;
  Cursor last;
  while (true) {
    ROOTLET_TRY(const bool row, statement.step());
    if (!row) break;
    if (limit > 0 && out.count() == limit) {
      outcome.more = true;
      if (plan.is_ordered) {
        outcome.next = encode_cursor(last, plan.order, copy_of(dataset.streams()));
      }
      break;
    }
    std::size_t bytes = 0;
    json::array cells = row_json(statement, 0, plan.columns, bytes);
    if (limit > 0 && out.count() + 1 == limit) last = cursor_at(statement, plan);
    if (!out.add(std::move(cells), bytes)) break;
  }
  outcome.count = out.count();
  return outcome;
}

// What one read selects.
struct Selection {
  VisibleRows rows;
  RowPlan all = {};       // without the cursor
  RowPlan page = {};      // after it
  std::size_t limit = 0;  // 0: all
  bool is_export = false;
};

Result<Selection> select_rows(const Reading& reading, const Grant& grant,
                              const DatasetDefinition& definition, HeldDataset& dataset) {
  const ReadRequest& request = reading.request;
  DatasetReader& reader = dataset.reader();
  Selection out;
  ROOTLET_TRY(out.rows, reader.visible_rows(definition, right_of(grant)));
  ROOTLET_TRY(out.all, plan_rows(definition, out.rows, request));
  ROOTLET_TRY(unmask(out.all.columns, request));
  ROOTLET_TRY(out.page, page_of(out.all, request, copy_of(dataset.streams())));
  ROOTLET_TRY(out.is_export, is_export(reader.database(), out.rows, out.page.conditions, request));
  const std::size_t most = out.is_export ? limits::kExportRows : limits::kScreenRows;
  out.limit = request.limit == 0 ? most : std::min(request.limit, most);
  return out;
}

// Without conditions all rows of the visible streams are meant, and these know how many they have:
// to count a million takes a tenth of a second.
std::optional<std::uint64_t> known_total(const Selection& selected, const ReadRight& right,
                                         const HeldDataset& dataset) {
  if (!selected.all.conditions.empty()) return std::nullopt;
  const std::vector<Slot> visible = visible_slots(dataset.streams(), right);
  std::uint64_t rows = 0;
  for (const HeldStream& stream : dataset.streams()) {
    if (std::ranges::binary_search(visible, stream.slot)) rows += stream.rows;
  }
  return rows;
}

// Errors are those of the request and of the dataset's file; `out` keeps the others.
Result<ReadOutcome> read_rows(const Reading& reading, const Grant& grant,
                              const std::shared_ptr<const CatalogueEntry>& entry,
                              HeldDataset& dataset, LedgeredRows& out) {
  const DatasetDefinition& definition = entry->definition;
  Database& database = dataset.reader().database();
  const StopsWhenAsked stops(database, reading.should_stop);
  ROOTLET_TRY(Selection selected, select_rows(reading, grant, definition, dataset));
  if (!selected.is_export) {
    selected.limit = out.allow(selected.limit, row_caps(grant));
    if (out.trouble()) return ReadOutcome{};
  }
  json::object head{{"columns", columns_json(definition, selected.page.columns)},
                    {"provenance", provenance_of(reading, dataset, entry)}};
  if (selected.is_export) {
    const Status may =
        check_export(grant, reading.request, reading.use, reading.session.recorder());
    if (may.has_error()) out.stop(may.error());
    if (may.has_error() || !out.begin_export()) return ReadOutcome{};
    head["export"] = watermark(reading.session.office(), reading.use, out.export_entry());
  }
  ROOTLET_TRY(add_counts(database, selected.rows, selected.all, selected.page,
                         {.total = reading.request.counts_all,
                          .known_total = known_total(selected, right_of(grant), dataset),
                          .limited = reading.request.says_limited,
                          .limit = selected.limit},
                         head));
  ROOTLET_TRY(Statement statement,
              prepare_rows(database, selected.rows, selected.page, selected.limit));
  if (!out.begin(head)) return ReadOutcome{};
  Result<ReadOutcome> outcome = stream_rows(statement, selected.page, selected.limit, dataset, out);
  out.finish(outcome.has_error() ? name_of(outcome.error().code) : std::string_view("done"));
  if (outcome.has_value()) outcome.value().limit = selected.limit;
  return outcome;
}

// A search shows a screen of rows, the best ones; it is never an export.
Result<ReadOutcome> search_dataset(const Reading& reading, const Grant& grant,
                                   const std::shared_ptr<const CatalogueEntry>& entry,
                                   HeldDataset& dataset, LedgeredRows& out) {
  const DatasetDefinition& definition = entry->definition;
  const ReadRight right = right_of(grant);
  ROOTLET_TRY(const SearchQuery query, search_query_of(reading.request));
  ROOTLET_TRY(const VisibleRows rows, dataset.reader().visible_rows(definition, right));
  ROOTLET_TRY(const std::vector<ShownColumn> columns,
              choose_columns(definition, rows, reading.request.columns));
  ReadRequest request = reading.request;
  request.limit = out.allow(search_limit(request), row_caps(grant));
  if (out.trouble()) return ReadOutcome{};
  const StopsWhenAsked stops(dataset.reader().database(), reading.should_stop);
  json::object head{{"columns", columns_json(definition, columns)},
                    {"provenance", provenance_of(reading, dataset, entry)}};
  if (reading.request.with_matches) head["columns"].as_array().push_back(matches_column());
  if (!out.begin(head)) return ReadOutcome{};
  Result<ReadOutcome> outcome = search_rows(
      {dataset.reader(), definition, right, columns}, query, request, reading.should_stop,
      [&out](json::array row, std::size_t bytes) { return out.add(std::move(row), bytes); });
  out.finish(outcome.has_error() ? name_of(outcome.error().code) : std::string_view("done"));
  return outcome;
}

Result<ReadOutcome> read_held(const Reading& reading, const Grant& grant,
                              const std::shared_ptr<const CatalogueEntry>& entry,
                              HeldDataset& dataset, LedgeredRows& out) {
  if (reading.request.text) return search_dataset(reading, grant, entry, dataset, out);
  if (!reading.request.key) return read_rows(reading, grant, entry, dataset, out);
  return look_up(dataset, reading.request,
                 {.entry = entry,
                  .generation = reading.session.office().generation(),
                  .grant = grant,
                  .provenance = provenance_of(reading, dataset, entry)},
                 out);
}

// Look-ups of rows, and searches as a person types: those of one second share an entry.
bool shares_entry(const ReadRequest& request) {
  if (request.text) return search_limit(request) <= limits::kUncountedSearchRows;
  return request.key && request.reveal.empty();
}

Result<ReadOutcome> read_permitted(const Reading& reading) {
  const std::string& id = reading.request.dataset;
  ROOTLET_TRY(
      const Grant* const grant,
      permission_for(reading.session.office(), reading.request.dataset, reading.request.purpose));
  if (reading.request.key) {
    ROOTLET_TRY(reading.session.recorder().check_lookups(reading.use));
  }
  ROOTLET_TRY(const std::shared_ptr<const CatalogueEntry> entry,
              reading.session.catalogue_entry(id));
  if (entry == nullptr) return dataset_not_here(id);
  const auto share =
      shares_entry(reading.request) ? LedgeredRows::Entry::kInGroup : LedgeredRows::Entry::kOwn;
  LedgeredRows rows(reading.session.recorder(), reading.use, reading.sink, share);
  ReadOutcome outcome;
  ROOTLET_TRY(const bool held,
              reading.session.read_dataset_file(id, [&](HeldDataset& dataset) -> Status {
                ROOTLET_TRY(outcome, read_held(reading, *grant, entry, dataset, rows));
                return ok();
              }));
  if (!held) return dataset_not_here(id);
  if (rows.trouble()) return *rows.trouble();
  return outcome;
}

bool is_refusal(const Error& error) {
  return error.code == ErrorCode::kNotPermitted || error.code == ErrorCode::kLeaseEnded;
}

}  // namespace

Result<ReadOutcome> read_dataset(ReadingSession& session, const Peer& peer,
                                 const ReadRequest& request, AnswerSink& sink,
                                 const StopCheck& should_stop) {
  UseRecorder& recorder = session.recorder();
  Reading reading{.session = session,
                  .request = request,
                  .sink = sink,
                  .should_stop = should_stop,
                  .use = {.at = session.office().time().now,
                          .uid = peer.uid,
                          .user = peer.user,
                          .command = request.command,
                          .dataset = request.dataset,
                          .purpose = request.purpose,
                          .column = request.reveal,
                          .is_emergency = is_emergency(session.office(), request.dataset)}};
  const std::optional<std::string>& looked_up = request.key ? request.key : request.text;
  if (looked_up) {
    ROOTLET_TRY(reading.use.subject, recorder.subject_of(request.dataset, *looked_up));
  } else {
    ROOTLET_TRY(recorder.check());
  }
  Result<ReadOutcome> outcome = read_permitted(reading);
  if (outcome.has_error() && is_refusal(outcome.error())) {
    reading.use.outcome = std::string(name_of(outcome.error().code));
    ROOTLET_TRY(recorder.record_in_group(reading.use));
  }
  return outcome;
}

std::vector<std::string> readable_datasets(const Office& office, std::string_view purpose) {
  std::vector<std::string> out;
  for (const Grant& grant : office.grants().grants) {
    if (grant.mode == kModeVerify) continue;  // it shows no row
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
