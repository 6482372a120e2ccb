// The catalogue, and rows of datasets for a purpose.
#include <algorithm>
#include <array>

#include "agent/api/routes/handlers.hpp"
#include "agent/api/routes/replies.hpp"
#include "agent/api/routes/row_stream.hpp"
#include "core/format/json_values.hpp"
#include "core/local_limits.hpp"

namespace rootlet::agent::routes {
namespace {

constexpr std::int64_t kMostRows = INT64_C(1) << 40;
constexpr std::int64_t kPageRows = 50;
// Parameters of a query for rows that are no filters. A column of such a name is filtered with
// where=COLUMN=OPERATOR.VALUE.
constexpr std::array<std::string_view, 8> kRowParameters{
    "select", "order", "limit", "after", "where", "provenance", "purpose", "unmasked"};

// And of one for their facets, which has the same filters and takes no order and no page.
constexpr std::array<std::string_view, 3> kFacetParameters{"columns", "where", "purpose"};

std::vector<std::string> filters_of(const ApiRequest& request,
                                    std::span<const std::string_view> parameters) {
  std::vector<std::string> out;
  for (const auto& [name, value] : request.parameters) {
    if (name == "where") out.push_back(value);
    if (std::ranges::find(parameters, name) != parameters.end()) continue;
    out.push_back(name + "=" + value);
  }
  return out;
}

}  // namespace

Result<http::Reply> datasets(Api& api, ApiAsk& ask) {
  return answer_list(api, ask, "datasets", "datasets");
}

Result<http::Reply> dataset(Api& api, ApiAsk& ask) {
  return answer_or_404(api, ask, "dataset", {{"dataset", ask.named()}}, "dataset");
}

Result<http::Reply> rows(Api& api, ApiAsk& ask) {
  const ApiRequest& request = ask.request;
  ROOTLET_TRY(check_purpose_given(request));
  const bool is_workbook = request.form == BodyForm::kXlsx;
  const bool is_file =
      is_workbook || request.form == BodyForm::kCsv || request.form == BodyForm::kJsonLines;
  ROOTLET_TRY(std::int64_t limit, request.number("limit", 0, kMostRows, is_file ? 0 : kPageRows));
  if (is_workbook && (limit == 0 || limit > kApiXlsxRows)) limit = kApiXlsxRows;
  RowCall call{.command = "query",
               .args = {{"dataset", ask.named()},
                        {"purpose", request.purpose},
                        {"limit", limit},
                        {"columns", json_texts(request.list("select"))},
                        {"where", json_texts(filters_of(request, kRowParameters))},
                        {"order", json_texts(request.list("order"))},
                        {"after", request.value("after")},
                        {"pages", limit > 0},
                        {"count", request.counts_all},
                        {"announce", is_file}}};
  if (request.value("unmasked") == "true") call.args["unmasked"] = true;
  call.in_pieces =
      is_workbook || limit == 0 || limit > static_cast<std::int64_t>(limits::kApiWholeRows);
  return answer_rows(api, ask, std::move(call));
}

Result<http::Reply> row(Api& api, ApiAsk& ask) {
  ROOTLET_TRY(check_purpose_given(ask.request));
  return answer_rows(api, ask,
                     {.command = "show",
                      .args = {{"dataset", ask.named()},
                               {"purpose", ask.request.purpose},
                               {"limit", 0},
                               {"columns", json_texts(ask.request.list("select"))},
                               {"key", ask.named(1)}},
                      .body = RowCall::Body::kSingle});
}

Result<http::Reply> reveal(Api& api, ApiAsk& ask) {
  ROOTLET_TRY(check_purpose_given(ask.request));
  ROOTLET_TRY(json::object args, body_object(ask.body));
  args["dataset"] = ask.named();
  args["key"] = ask.named(1);
  args["purpose"] = ask.request.purpose;
  return answer_rows(
      api, ask, {.command = "reveal", .args = std::move(args), .body = RowCall::Body::kSingle});
}

Result<http::Reply> check(Api& api, ApiAsk& ask) {
  ROOTLET_TRY(check_purpose_given(ask.request));
  ROOTLET_TRY(json::object args, body_object(ask.body));
  args["dataset"] = ask.named();
  args["key"] = ask.named(1);
  args["purpose"] = ask.request.purpose;
  return answer_one(api, ask, "check", std::move(args));
}

Result<http::Reply> facets(Api& api, ApiAsk& ask) {
  const ApiRequest& request = ask.request;
  ROOTLET_TRY(check_purpose_given(request));
  return answer_one(api, ask, "facets",
                    {{"dataset", ask.named()},
                     {"purpose", request.purpose},
                     {"where", json_texts(filters_of(request, kFacetParameters))},
                     {"columns", json_texts(request.list("columns"))}});
}

Result<http::Reply> search(Api& api, ApiAsk& ask) {
  const ApiRequest& request = ask.request;
  ROOTLET_TRY(check_purpose_given(request));
  ROOTLET_TRY(const std::int64_t limit, request.number("limit", 1, 1'000, kPageRows));
  return answer_rows(api, ask,
                     {.command = "search",
                      .args = {{"dataset", request.value("dataset")},
                               {"purpose", request.purpose},
                               {"limit", limit},
                               {"columns", json_texts(request.list("select"))},
                               {"text", request.value("q")},
                               {"alike", request.value("alike") == "true"},
                               {"matches", request.value("matches") == "true"}},
                      .body = RowCall::Body::kSearch});
}

}  // namespace rootlet::agent::routes
