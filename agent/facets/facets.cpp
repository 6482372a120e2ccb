// A first look at few rows leaves out the columns with many values, so that the second reads only
// those that count.
#include "agent/facets/facets.hpp"

#include <algorithm>

#include "agent/facets/facet_counter.hpp"
#include "agent/query/stops_when_asked.hpp"
#include "agent/reading/row_query.hpp"
#include "core/local_limits.hpp"
#include "sync/downlink/store/row_table.hpp"

namespace rootlet::agent {
namespace {

struct Facet {
  ShownColumn column;
  FacetCounter counter = {};
};

struct Counted {
  std::uint64_t rows = 0;
  bool complete = true;  // no row was left out
};

// The rows of one request, and when to stop looking at them.
struct FacetRows {
  Database& database;
  const VisibleRows& rows;
  const std::vector<Condition>& conditions;
  std::chrono::steady_clock::time_point until;

  bool is_late() const { return std::chrono::steady_clock::now() >= until; }
};

bool may_have_facets(const DatasetDefinition& definition, const ShownColumn& column) {
  const DatasetColumn* defined = definition.column(column.spec.name);
  return column.shown == Shown::kValue && column.mask.empty() && defined != nullptr &&
         !defined->key && column.spec.type != ColumnType::kBytes;
}

Error no_facets_of(const std::string& name) {
  return bad_input("column " + name + " has no facets: it is a key, or shown masked", "columns",
                   {.en = "Name a column that is neither a key nor masked.",
                    .zh = "“" + name + "”是主键或已脱敏，不能分组统计，请换一列。"});
}

Result<std::vector<Facet>> choose_facets(const DatasetDefinition& definition,
                                         const VisibleRows& rows,
                                         const std::vector<std::string>& names) {
  ROOTLET_TRY(const std::vector<ShownColumn> columns, choose_columns(definition, rows, names));
  std::vector<Facet> out;
  for (const ShownColumn& column : columns) {
    const bool fits = may_have_facets(definition, column);
    if (!fits && !names.empty()) return no_facets_of(column.spec.name);
    if (fits) out.push_back({.column = column});
  }
  return out;
}

Result<Statement> prepare_count(const FacetRows& from, const std::vector<Facet*>& facets,
                                std::size_t limit) {
  std::string sql = "SELECT 1";
  for (const Facet* facet : facets) sql += ", " + quote_identifier(facet->column.spec.name);
  sql += " FROM " + from.rows.sql + where_sql(from.conditions);
  ROOTLET_TRY(Statement statement,
              from.database.prepare(sql + " LIMIT " + std::to_string(limit + 1)));
  bind_values(statement, from.conditions);
  return statement;
}

// Adds the first `limit` rows to the counters of `facets`.
Result<Counted> count_rows(const FacetRows& from, const std::vector<Facet*>& facets,
                           std::size_t limit) {
  ROOTLET_TRY(Statement statement, prepare_count(from, facets, limit));
  Counted counted;
  while (true) {
    const Result<bool> row = statement.step();
    if (row.has_error() && !from.is_late()) return row.error();
    if (row.has_error()) return Counted{counted.rows, false};
    if (!row.value()) return counted;
    if (counted.rows == limit) return Counted{counted.rows, false};
    for (std::size_t i = 0; i < facets.size(); ++i) {
      FacetCounter& counter = facets[i]->counter;
      if (counter.has_too_many()) continue;
      counter.add(stored_cell(statement, static_cast<int>(i) + 1, facets[i]->column.spec));
    }
    ++counted.rows;
  }
}

std::vector<Facet*> those_with_few(std::vector<Facet>& facets) {
  std::vector<Facet*> out;
  for (Facet& facet : facets) {
    if (!facet.counter.has_too_many()) out.push_back(&facet);
  }
  return out;
}

Result<Counted> count_all(const FacetRows& from, std::vector<Facet>& facets) {
  ROOTLET_TRY(const Counted first,
              count_rows(from, those_with_few(facets), limits::kFacetFirstRows));
  if (first.complete || from.is_late()) return first;
  const std::vector<Facet*> few = those_with_few(facets);
  for (Facet* facet : few) facet->counter = FacetCounter();
  return count_rows(from, few, limits::kFacetRows);
}

json::object facet_json(const DatasetDefinition& definition, const Facet& facet,
                        std::uint64_t rows) {
  const ColumnSpec& spec = facet.column.spec;
  json::array values;
  std::uint64_t listed = 0;
  for (const ValueCount& one : facet.counter.counts()) {
    listed += one.count;
    values.push_back(
        json::object{{"value", cell_json(spec, one.value.view())}, {"count", one.count}});
  }
  return {{"column", spec.name},
          {"title", to_json(definition.column(spec.name)->title)},
          {"type", name_of(spec.type)},
          {"values", std::move(values)},
          {"others", facet.counter.has_too_many() ? rows : rows - std::min(rows, listed)}};
}

json::array facets_json(const DatasetDefinition& definition, const std::vector<Facet>& facets,
                        bool only_telling, std::uint64_t rows) {
  json::array out;
  for (const Facet& facet : facets) {
    const bool is_telling = !facet.counter.has_too_many() && !facet.counter.is_unique();
    if (only_telling && !is_telling) continue;
    out.push_back(facet_json(definition, facet, rows));
  }
  return out;
}

Result<json::object> count_held(const FacetRequest& request, const Grant& grant,
                                const CatalogueEntry& entry, DatasetReader& reader,
                                const StopCheck& should_stop) {
  ROOTLET_TRY(const VisibleRows rows, reader.visible_rows(entry.definition, right_of(grant)));
  const ReadRequest filters{.command = "facets", .filters = request.filters};
  ROOTLET_TRY(const std::vector<Condition> conditions,
              conditions_of(entry.definition, rows, filters));
  ROOTLET_TRY(std::vector<Facet> facets, choose_facets(entry.definition, rows, request.columns));
  const FacetRows from{reader.database(), rows, conditions,
                       std::chrono::steady_clock::now() + limits::kFacetTime};
  const StopsWhenAsked stops(reader.database(), [&] { return from.is_late() || should_stop(); });
  ROOTLET_TRY(const Counted counted, count_all(from, facets));
  return json::object{
      {"matches", counted.rows},
      {"exact", counted.complete},
      {"facets", facets_json(entry.definition, facets, request.columns.empty(), counted.rows)}};
}

json::object provenance_of(Office& office, HeldDataset& dataset, const FacetRequest& request,
                           const std::shared_ptr<const CatalogueEntry>& entry) {
  return provenance_json({.definition = entry->definition,
                          .streams = dataset.summary(entry),
                          .lease = office.lease_of(request.dataset),
                          .contact = office.contact(),
                          .now = office.time().now,
                          .purpose = request.purpose});
}

Result<json::object> count_permitted(ReadingSession& session, const FacetRequest& request,
                                     const StopCheck& should_stop) {
  ROOTLET_TRY(const Grant* const grant,
              permission_for(session.office(), request.dataset, request.purpose));
  ROOTLET_TRY(const std::shared_ptr<const CatalogueEntry> entry,
              session.catalogue_entry(request.dataset));
  if (entry == nullptr) return dataset_not_here(request.dataset);
  json::object out;
  ROOTLET_TRY(const bool held,
              session.read_dataset_file(request.dataset, [&](HeldDataset& dataset) -> Status {
                ROOTLET_TRY(out,
                            count_held(request, *grant, *entry, dataset.reader(), should_stop));
                out["provenance"] = provenance_of(session.office(), dataset, request, entry);
                return ok();
              }));
  if (!held) return dataset_not_here(request.dataset);
  return out;
}

}  // namespace

Result<json::object> count_facets(ReadingSession& session, const Peer& peer,
                                  const FacetRequest& request, const StopCheck& should_stop) {
  UseRecorder& recorder = session.recorder();
  ROOTLET_TRY(recorder.check());
  Use use{.at = session.office().time().now,
          .uid = peer.uid,
          .user = peer.user,
          .command = "facets",
          .dataset = request.dataset,
          .purpose = request.purpose,
          .outcome = "done",
          .is_emergency = is_emergency(session.office(), request.dataset)};
  Result<json::object> counted = count_permitted(session, request, should_stop);
  if (counted.has_error()) {
    const ErrorCode code = counted.error().code;
    const bool refused = code == ErrorCode::kNotPermitted || code == ErrorCode::kLeaseEnded;
    use.outcome = std::string(name_of(code));
    if (refused) {
      ROOTLET_TRY(recorder.record_in_group(use));
    }
    return counted;
  }
  use.count = integer_at(counted.value(), "matches");
  ROOTLET_TRY(recorder.record(use));
  return counted;
}

}  // namespace rootlet::agent
