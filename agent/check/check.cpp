// Two conditions on one row: its key, and the value that was asked about.
#include "agent/check/check.hpp"

#include "agent/query/permission.hpp"
#include "agent/query/provenance.hpp"
#include "agent/reading/row_query.hpp"

namespace rootlet::agent {
namespace {

bool is_refusal(const Error& error) {
  return error.code == ErrorCode::kNotPermitted || error.code == ErrorCode::kLeaseEnded;
}

Result<bool> has_row(Database& database, const VisibleRows& rows,
                     std::span<const Condition> conditions) {
  ROOTLET_TRY(Statement find,
              database.prepare("SELECT 1 FROM " + rows.sql + where_sql(conditions) + " LIMIT 1"));
  bind_values(find, conditions);
  return find.step();
}

// The value itself or its mask, as far as the grade allows; a column above it is not there.
Result<Condition> value_condition(const CheckRequest& request,
                                  std::span<const FilterColumn> columns) {
  const FilterColumn* column = find_column(columns, request.column);
  if (column == nullptr) return no_such_column(request.column, columns, "column");
  const std::string condition = request.value.empty() ? column->spec.name + "=is.null"
                                                      : column->spec.name + "=eq." + request.value;
  Result<Condition> parsed = parse_filter(condition, columns);
  if (parsed.has_error()) return bad_input(parsed.error().message, "value", parsed.error().hint);
  return parsed;
}

Status answer_from(HeldDataset& dataset, const Grant& grant, const CatalogueEntry& entry,
                   const CheckRequest& request, json::object& out) {
  const DatasetDefinition& definition = entry.definition;
  ROOTLET_TRY(const VisibleRows rows, dataset.reader().visible_rows(definition, right_of(grant)));
  const std::vector<FilterColumn> columns = filter_columns(definition, rows);
  ROOTLET_TRY(Condition key, key_condition(definition, request.key, columns));
  std::vector<Condition> conditions{std::move(key)};
  Database& database = dataset.reader().database();
  ROOTLET_TRY(const bool row, has_row(database, rows, conditions));
  out["row"] = row;
  out["answer"] = nullptr;
  if (request.column.empty()) return ok();
  ROOTLET_TRY(Condition value, value_condition(request, columns));
  conditions.push_back(std::move(value));
  if (!row) return ok();
  ROOTLET_TRY(out["answer"], has_row(database, rows, conditions));
  return ok();
}

Result<json::object> check_permitted(ReadingSession& session, const CheckRequest& request,
                                     const Use& use) {
  Office& office = session.office();
  ROOTLET_TRY(const Grant* const grant,
              permission_to_check(office, request.dataset, request.purpose));
  ROOTLET_TRY(session.recorder().check_lookups(use));
  ROOTLET_TRY(const std::shared_ptr<const CatalogueEntry> entry,
              session.catalogue_entry(request.dataset));
  if (entry == nullptr) return dataset_not_here(request.dataset);
  json::object out{{"dataset", request.dataset}, {"column", request.column}};
  ROOTLET_TRY(const bool held,
              session.read_dataset_file(request.dataset, [&](HeldDataset& dataset) -> Status {
                ROOTLET_TRY(answer_from(dataset, *grant, *entry, request, out));
                out["provenance"] = provenance_json({.definition = entry->definition,
                                                     .streams = dataset.summary(entry),
                                                     .lease = office.lease_of(request.dataset),
                                                     .contact = office.contact(),
                                                     .now = office.time().now,
                                                     .purpose = request.purpose});
                return ok();
              }));
  if (!held) return dataset_not_here(request.dataset);
  return out;
}

}  // namespace

Result<json::object> check_value(ReadingSession& session, const Peer& peer,
                                 const CheckRequest& request) {
  UseRecorder& recorder = session.recorder();
  Use use{.at = session.office().time().now,
          .uid = peer.uid,
          .user = peer.user,
          .command = "check",
          .dataset = request.dataset,
          .purpose = request.purpose,
          .outcome = "done",
          .column = request.column,
          .is_emergency = is_emergency(session.office(), request.dataset)};
  ROOTLET_TRY(use.subject, recorder.subject_of(request.dataset, request.key));
  Result<json::object> answer = check_permitted(session, request, use);
  if (answer.has_error() && !is_refusal(answer.error())) return answer;
  if (answer.has_error()) use.outcome = std::string(name_of(answer.error().code));
  // On disk before the answer leaves, whatever it says.
  ROOTLET_TRY(recorder.record_in_group(use));
  return answer;
}

}  // namespace rootlet::agent
