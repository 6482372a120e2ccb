// The commands that read datasets and the catalogue.
#include <algorithm>

#include "agent/care/read_cache.hpp"
#include "agent/catalogue/catalogue.hpp"
#include "agent/check/check.hpp"
#include "agent/query/provenance.hpp"
#include "agent/reading/reading.hpp"
#include "agent/reading/search_rows.hpp"
#include "agent/records/own_records.hpp"
#include "agent/service/service.hpp"
#include "agent/service/status.hpp"
#include "agent/service/verify.hpp"
#include "config/cli/suggestion.hpp"
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

// Optional arguments: most callers read one page in the order of the file.
Status take_paging(JsonObject& args, ReadRequest& request) {
  if (args.has("order")) {
    ROOTLET_TRY(request.order, args.texts("order", limits::kColumns));
  }
  if (args.has("after")) {
    ROOTLET_TRY(request.after, args.text("after", limits::kMiB));
  }
  if (args.has("pages")) {
    ROOTLET_TRY(request.has_pages, args.boolean("pages"));
  }
  if (args.has("count")) {
    ROOTLET_TRY(request.counts_all, args.boolean("count"));
  }
  if (args.has("announce")) {
    ROOTLET_TRY(request.says_limited, args.boolean("announce"));
  }
  return ok();
}

json::object outcome_json(const ReadOutcome& outcome) {
  json::object out{{"count", outcome.count}, {"more", outcome.more}, {"truncated", outcome.more}};
  if (outcome.more && outcome.limit > 0) out["limit"] = outcome.limit;
  if (!outcome.next.empty()) out["next"] = outcome.next;
  return out;
}

// An argument that callers may leave out.
Result<bool> switch_arg(JsonObject& args, std::string_view name) {
  return args.has(name) ? args.boolean(name) : Result<bool>(false);
}

struct CatalogueLine {
  DatasetListing listing;
  std::optional<DatasetDefinition> definition;
};

// All lines of the catalogue, or that of one dataset; none before the first sync.
Result<std::vector<CatalogueLine>> read_catalogue(Office& office, const std::string& only) {
  ROOTLET_TRY(
      std::optional<std::vector<CatalogueLine>> lines,
      read_directory(office, [&](DirectoryView& view) -> Result<std::vector<CatalogueLine>> {
        ROOTLET_TRY(std::vector<DatasetListing> listings, view.listings());
        std::vector<CatalogueLine> found;
        for (DatasetListing& listing : listings) {
          if (!only.empty() && listing.id != only) continue;
          ROOTLET_TRY(std::optional<DatasetDefinition> definition, view.dataset(listing.id));
          found.push_back({std::move(listing), std::move(definition)});
        }
        return found;
      }));
  return std::move(lines).value_or(std::vector<CatalogueLine>());
}

}  // namespace

Result<json::object> Service::query(Call& call) {
  ROOTLET_TRY(ReadRequest request, take_request(call.args, "query"));
  ROOTLET_TRY(request.dataset, call.args.text("dataset", limits::kNameBytes));
  ROOTLET_TRY(request.filters, call.args.texts("where", kFilters));
  if (call.args.has("unmasked")) {
    ROOTLET_TRY(request.unmasked, call.args.boolean("unmasked"));
  }
  ROOTLET_TRY(take_paging(call.args, request));
  ROOTLET_TRY(call.args.finish());
  ROOTLET_TRY(const ReadingPool::Taken session, pool().take());
  ROOTLET_TRY(const ReadOutcome outcome,
              read_dataset(*session, call.peer, request, call.sink, should_stop_));
  return outcome_json(outcome);
}

Result<json::object> Service::read_row(Call& call, const ReadRequest& request) {
  ROOTLET_TRY(const ReadingPool::Taken session, pool().take());
  ROOTLET_TRY(const ReadOutcome outcome,
              read_dataset(*session, call.peer, request, call.sink, should_stop_));
  if (outcome.count == 0) {
    return bad_input("dataset " + request.dataset + " has no row with this key here", "key");
  }
  return outcome_json(outcome);
}

Result<json::object> Service::check(Call& call) {
  CheckRequest request;
  ROOTLET_TRY(request.dataset, call.args.text("dataset", limits::kNameBytes));
  ROOTLET_TRY(request.purpose, call.args.text("purpose", kPurposeBytes));
  ROOTLET_TRY(request.key, call.args.text("key"));
  if (call.args.has("column")) {
    ROOTLET_TRY(request.column, call.args.text("column", limits::kNameBytes));
    ROOTLET_TRY(request.value, call.args.text("value"));
  }
  ROOTLET_TRY(call.args.finish());
  ROOTLET_TRY(const ReadingPool::Taken session, pool().take());
  return check_value(*session, call.peer, request);
}

Result<json::object> Service::show(Call& call) {
  ROOTLET_TRY(ReadRequest request, take_request(call.args, "show"));
  ROOTLET_TRY(request.dataset, call.args.text("dataset", limits::kNameBytes));
  ROOTLET_TRY(request.key, call.args.text("key"));
  ROOTLET_TRY(call.args.finish());
  return read_row(call, request);
}

Result<json::object> Service::reveal(Call& call) {
  ReadRequest request{.command = "reveal"};
  ROOTLET_TRY(request.purpose, call.args.text("purpose", kPurposeBytes));
  ROOTLET_TRY(request.dataset, call.args.text("dataset", limits::kNameBytes));
  ROOTLET_TRY(request.key, call.args.text("key"));
  ROOTLET_TRY(request.reveal, call.args.text("column", limits::kNameBytes));
  if (call.args.has("columns")) {
    ROOTLET_TRY(request.columns, call.args.texts("columns", limits::kColumns));
  }
  ROOTLET_TRY(call.args.finish());
  if (request.reveal.empty()) return bad_input("names no column", "column");
  return read_row(call, request);
}

Result<json::object> Service::search(Call& call) {
  ROOTLET_TRY(ReadRequest request, take_request(call.args, "search"));
  ROOTLET_TRY(const std::string dataset, call.args.text("dataset", limits::kNameBytes));
  ROOTLET_TRY(request.text, call.args.text("text"));
  ROOTLET_TRY(request.alike_sounds, switch_arg(call.args, "alike"));
  ROOTLET_TRY(request.with_matches, switch_arg(call.args, "matches"));
  ROOTLET_TRY(call.args.finish());
  ROOTLET_TRY(const SearchQuery query, search_query_of(request));
  ROOTLET_TRY(const ReadingPool::Taken session, pool().take());
  std::vector<std::string> datasets{dataset};
  if (dataset.empty()) datasets = readable_datasets(session->office(), request.purpose);
  if (datasets.empty()) {
    Error error = fail(ErrorCode::kNotPermitted,
                       "no grant allows reading for purpose '" + request.purpose + "' now");
    std::vector<std::string> purposes;
    for (const Grant& grant : session->office().grants().grants) {
      purposes.insert(purposes.end(), grant.purposes.begin(), grant.purposes.end());
    }
    std::sort(purposes.begin(), purposes.end());
    purposes.erase(std::unique(purposes.begin(), purposes.end()), purposes.end());
    error.hint = did_you_mean(nearest_words(request.purpose, purposes));
    return error;
  }
  ReadOutcome total;
  for (const std::string& one : datasets) {
    request.dataset = one;
    Result<ReadOutcome> found = read_dataset(*session, call.peer, request, call.sink, should_stop_);
    if (found.has_error()) {
      // Granted but not here yet: search the other datasets.
      const bool skip =
          dataset.empty() && found.error().code == ErrorCode::kUnreachable && datasets.size() > 1;
      if (skip) continue;
      return found.error();
    }
    total.count += found.value().count;
    total.more = total.more || found.value().more;
    total.complete = total.complete && found.value().complete;
    total.limit = std::max(total.limit, found.value().limit);
  }
  json::object done = outcome_json(total);
  done["complete"] = total.complete;
  if (dataset.empty()) {
    ROOTLET_TRY(session->read_outbox([&](Outbox& outbox) -> Status {
      ROOTLET_TRY(done["own_records"], find_own_records(outbox, query));
      return ok();
    }));
  }
  return done;
}

Result<json::object> Service::datasets(Call& call) {
  ROOTLET_TRY(call.args.finish());
  ROOTLET_TRY(Office office, Office::open_enrolled(*context_));
  ROOTLET_TRY(const std::vector<CatalogueLine> lines, read_catalogue(office, ""));
  json::array out;
  for (const CatalogueLine& line : lines) {
    out.push_back(catalogue_json(office, line.listing, line.definition));
  }
  return json::object{{"datasets", std::move(out)}};
}

// With the state of its copy here, if there is a grant.
Result<json::object> Service::dataset(Call& call) {
  ROOTLET_TRY(const std::string id, call.args.text("dataset", limits::kNameBytes));
  ROOTLET_TRY(call.args.finish());
  ROOTLET_TRY(Office office, Office::open_enrolled(*context_));
  ROOTLET_TRY(const std::vector<CatalogueLine> lines, read_catalogue(office, id));
  if (lines.empty()) {
    return bad_input("there is no dataset '" + id + "' in the catalogue", "dataset",
                     {.en = "/api/v1/datasets lists them.", .zh = "目录中没有此数据集。"});
  }
  json::object out = catalogue_json(office, lines.front().listing, lines.front().definition);
  const Grant* grant = office.grants().for_dataset(id);
  out["held"] = grant == nullptr ? json::value() : json::value(dataset_state_json(office, *grant));
  return out;
}

Result<json::object> Service::verify(Call& call) {
  ROOTLET_TRY(const std::string wanted, call.args.text("dataset", limits::kNameBytes));
  ROOTLET_TRY(call.args.finish());
  ROOTLET_TRY(Office office, Office::open_enrolled(*context_));
  return verify_home(office, wanted);
}

}  // namespace rootlet::agent
