// The commands that read datasets and the catalogue.
#include "agent/care/read_cache.hpp"
#include "agent/reading/provenance.hpp"
#include "agent/reading/reading.hpp"
#include "agent/service/service.hpp"
#include "agent/service/verify.hpp"
#include "core/format/json_values.hpp"

namespace rootlet::agent {
namespace {

constexpr std::size_t kFilters = 64;
constexpr std::size_t kPurposeBytes = 128;
constexpr std::int64_t kMostRows = INT64_C(1) << 40;

Result<ReadRequest> take_request(JsonObject& args, std::string_view command) {
  ReadRequest request;
  request.command = std::string(command);
  ROOTLET_TRY(request.purpose, args.text("purpose", kPurposeBytes));
  ROOTLET_TRY(const std::int64_t limit, args.integer("limit", 0, kMostRows));
  request.limit = static_cast<std::size_t>(limit);
  ROOTLET_TRY(request.columns, args.texts("columns", limits::kColumns));
  return request;
}

json::object outcome_json(const ReadOutcome& outcome) {
  return {{"count", outcome.count}, {"more", outcome.more}, {"truncated", outcome.more}};
}

json::array texts_json(const std::vector<std::string>& texts) {
  return json::array(texts.begin(), texts.end());
}

json::object grant_json(const Office& office, const Grant& grant) {
  const Lease lease = office.lease_of(grant.dataset);
  return {{"access", name_of(lease.access)},
          {"purposes", texts_json(grant.purposes)},
          {"divisions", texts_json(grant.divisions)},
          {"max_grade", grant.max_grade},
          {"mode", grant.mode},
          {"export", grant.may_export},
          {"basis", grant.basis},
          {"scenario", grant.scenario},
          {"approver", grant.approver},
          {"until", format_time(grant.until)},
          {"lease_until", format_time(lease.until)}};
}

json::array columns_json(const DatasetDefinition& definition) {
  json::array columns;
  for (const DatasetColumn& column : definition.columns) {
    columns.push_back(json::object{{"name", column.spec.name},
                                   {"type", name_of(column.spec.type)},
                                   {"key", column.key},
                                   {"search", column.search},
                                   {"grade", column.grade},
                                   {"title", to_json(column.title)}});
  }
  return columns;
}

// A text of a listing, in both languages, as its owner wrote it: one string or {"zh","en"}.
json::value both_json(const json::object& line, std::string_view key) {
  const json::value* found = line.if_contains(key);
  if (found == nullptr || found->is_object()) return found == nullptr ? json::value("") : *found;
  return json::object{{"zh", *found}, {"en", *found}};
}

json::value field_or(const json::object& line, std::string_view key, json::value fallback) {
  const json::value* found = line.if_contains(key);
  return found == nullptr ? std::move(fallback) : *found;
}

// One line of the catalogue. Columns are known of granted datasets only.
json::object catalogue_json(const Office& office, const DatasetListing& listing,
                            const std::optional<DatasetDefinition>& definition) {
  const Result<json::value> parsed = parse_json(listing.line, "catalogue");
  const json::object line = parsed.has_value() && parsed.value().is_object()
                                ? parsed.value().as_object()
                                : json::object();
  const json::object& provider = object_at(line, "provider");
  const json::object& sharing = object_at(line, "sharing");
  json::object out{{"id", listing.id},
                   {"title", both_json(line, "title")},
                   {"provider", json::object{{"code", field_or(provider, "code", "")},
                                             {"name", both_json(provider, "name")}}},
                   {"update", field_or(line, "update", "")},
                   {"sharing", field_or(sharing, "attribute", "")},
                   {"uses", field_or(sharing, "uses", json::array())},
                   {"scope", field_or(sharing, "scope", "")},
                   {"reason", field_or(sharing, "reason", "")},
                   {"basis", field_or(sharing, "basis", "")},
                   {"columns", definition.has_value() ? columns_json(*definition) : json::array()}};
  const Grant* grant = office.grants().for_dataset(listing.id);
  out["granted"] = grant != nullptr;
  if (grant != nullptr) out["grant"] = grant_json(office, *grant);
  return out;
}

}  // namespace

Result<json::object> Service::query(Call& call) {
  ROOTLET_TRY(ReadRequest request, take_request(call.args, "query"));
  ROOTLET_TRY(request.dataset, call.args.text("dataset", limits::kNameBytes));
  ROOTLET_TRY(request.filters, call.args.texts("where", kFilters));
  ROOTLET_TRY(call.args.finish());
  ROOTLET_TRY(Office office, Office::open_enrolled(*context_));
  ROOTLET_TRY(const ReadOutcome outcome,
              read_dataset(office, call.peer, request, call.sink, should_stop_));
  return outcome_json(outcome);
}

Result<json::object> Service::show(Call& call) {
  ROOTLET_TRY(ReadRequest request, take_request(call.args, "show"));
  ROOTLET_TRY(request.dataset, call.args.text("dataset", limits::kNameBytes));
  ROOTLET_TRY(request.key, call.args.text("key"));
  ROOTLET_TRY(call.args.finish());
  ROOTLET_TRY(Office office, Office::open_enrolled(*context_));
  ROOTLET_TRY(const ReadOutcome outcome,
              read_dataset(office, call.peer, request, call.sink, should_stop_));
  if (outcome.count == 0) {
    return bad_input("dataset " + request.dataset + " has no row with this key here", "key");
  }
  return outcome_json(outcome);
}

Result<json::object> Service::search(Call& call) {
  ROOTLET_TRY(ReadRequest request, take_request(call.args, "search"));
  ROOTLET_TRY(const std::string dataset, call.args.text("dataset", limits::kNameBytes));
  ROOTLET_TRY(request.text, call.args.text("text"));
  ROOTLET_TRY(call.args.finish());
  if (request.text->empty()) return bad_input("there is nothing to search for", "text");
  ROOTLET_TRY(Office office, Office::open_enrolled(*context_));
  std::vector<std::string> datasets{dataset};
  if (dataset.empty()) datasets = readable_datasets(office, request.purpose);
  if (datasets.empty()) {
    return fail(ErrorCode::kNotPermitted,
                "no grant allows reading for purpose '" + request.purpose + "' now");
  }
  ReadOutcome total;
  const std::size_t limit = request.limit;
  for (const std::string& one : datasets) {
    if (limit > 0 && total.count >= limit) {
      total.more = true;  // this dataset and those after it were not searched
      break;
    }
    if (limit > 0) request.limit = limit - total.count;
    request.dataset = one;
    Result<ReadOutcome> found = read_dataset(office, call.peer, request, call.sink, should_stop_);
    if (found.has_error()) {
      // Granted but not here yet: search the other datasets.
      const bool skip =
          dataset.empty() && found.error().code == ErrorCode::kUnreachable && datasets.size() > 1;
      if (skip) continue;
      return found.error();
    }
    total.count += found.value().count;
    total.more = total.more || found.value().more;
  }
  return outcome_json(total);
}

Result<json::object> Service::datasets(Call& call) {
  ROOTLET_TRY(call.args.finish());
  ROOTLET_TRY(Office office, Office::open_enrolled(*context_));
  json::array out;
  using Line = std::pair<DatasetListing, std::optional<DatasetDefinition>>;
  ROOTLET_TRY(const std::optional<std::vector<Line>> lines,
              read_directory(office, [](DirectoryView& view) -> Result<std::vector<Line>> {
                ROOTLET_TRY(std::vector<DatasetListing> listings, view.listings());
                std::vector<Line> found;
                for (DatasetListing& listing : listings) {
                  ROOTLET_TRY(std::optional<DatasetDefinition> definition,
                              view.dataset(listing.id));
                  found.emplace_back(std::move(listing), std::move(definition));
                }
                return found;
              }));
  for (const auto& [listing, definition] : lines.value_or(std::vector<Line>())) {
    out.push_back(catalogue_json(office, listing, definition));
  }
  return json::object{{"datasets", std::move(out)}};
}

Result<json::object> Service::verify(Call& call) {
  ROOTLET_TRY(const std::string wanted, call.args.text("dataset", limits::kNameBytes));
  ROOTLET_TRY(call.args.finish());
  ROOTLET_TRY(Office office, Office::open_enrolled(*context_));
  return verify_home(office, wanted);
}

}  // namespace rootlet::agent
