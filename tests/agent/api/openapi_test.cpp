// The OpenAPI document against the routes, and real answers against its schemas.
#include "agent/api/routes/table.hpp"
#include "tests/agent/api/api_world.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using namespace rootlet::test;

namespace {

// As much of JSON Schema 2020-12 as the document uses.
class Schemas {
 public:
  explicit Schemas(const json::object& document)
      : schemas_(object_at(object_at(document, "components"), "schemas")) {}

  // What is wrong with `value`, with its place; "" if nothing is.
  std::string mistake(const json::value& value, const json::object& schema,
                      const std::string& place = "$") const {
    if (const json::value* ref = schema.if_contains("$ref")) {
      const std::string name(ref->get_string());
      const json::value* found = schemas_.if_contains(name.substr(name.rfind('/') + 1));
      if (found == nullptr) return place + ": no schema " + name;
      return mistake(value, found->get_object(), place);
    }
    if (!has_type(value, schema)) return place + ": is not " + json::serialize(schema.at("type"));
    if (const json::value* choices = schema.if_contains("enum")) {
      const json::array& list = choices->get_array();
      if (std::find(list.begin(), list.end(), value) == list.end()) return place + ": not in enum";
    }
    if (value.is_array()) return mistake_of_items(value.get_array(), schema, place);
    return value.is_object() ? mistake_of_members(value.get_object(), schema, place) : "";
  }

 private:
  static bool is(const json::value& value, std::string_view type) {
    if (type == "string") return value.is_string();
    if (type == "integer") return value.is_int64() || value.is_uint64();
    if (type == "boolean") return value.is_bool();
    if (type == "array") return value.is_array();
    if (type == "object") return value.is_object();
    return type == "null" && value.is_null();
  }
  static bool has_type(const json::value& value, const json::object& schema) {
    const json::value* type = schema.if_contains("type");
    if (type == nullptr) return true;
    if (type->is_string()) return is(value, type->get_string());
    return std::any_of(type->get_array().begin(), type->get_array().end(),
                       [&](const json::value& one) { return is(value, one.get_string()); });
  }
  std::string mistake_of_items(const json::array& list, const json::object& schema,
                               const std::string& place) const {
    for (std::size_t i = 0; i < list.size(); ++i) {
      const std::string wrong =
          mistake(list[i], object_at(schema, "items"), place + "[" + std::to_string(i) + "]");
      if (!wrong.empty()) return wrong;
    }
    return "";
  }
  std::string mistake_of_members(const json::object& object, const json::object& schema,
                                 const std::string& place) const {
    for (const json::value& name : array_at(schema, "required")) {
      if (!object.contains(name.get_string())) {
        return place + ": lacks " + std::string(name.get_string());
      }
    }
    const json::object& known = object_at(schema, "properties");
    for (const auto& member : object) {
      const json::value* described = known.if_contains(member.key());
      if (described == nullptr) described = schema.if_contains("additionalProperties");
      if (described == nullptr || !described->is_object()) continue;
      const std::string wrong =
          mistake(member.value(), described->get_object(), place + "." + std::string(member.key()));
      if (!wrong.empty()) return wrong;
    }
    return "";
  }

  json::object schemas_;
};

json::object document_of(const ApiWorld& world) {
  const HttpAnswer answer = world.get("/api/v1/openapi.json");
  REQUIRE(answer.status == 200);
  return answer.object();
}

// The schema of an answer with `status` and JSON; the default response if the status has none.
json::object schema_of(const json::object& document, const std::string& path, std::string method,
                       int status) {
  for (char& c : method) c = static_cast<char>(std::tolower(c));
  const json::object& operation = object_at(object_at(object_at(document, "paths"), path), method);
  const json::object& responses = object_at(operation, "responses");
  const std::string code = std::to_string(status);
  const json::object& content =
      object_at(object_at(responses, responses.contains(code) ? code : "default"), "content");
  for (const auto& type : content) {
    if (std::string(type.key()).ends_with("json")) {
      return object_at(type.value().get_object(), "schema");
    }
  }
  return {};
}

struct Asked {
  const char* path;
  Question question;
  int status;
};

}  // namespace

TEST_CASE("openapi: every route is described, and nothing else is") {
  ApiWorld world;
  const json::object document = document_of(world);
  CHECK(text_at(document, "openapi") == "3.1.0");
  std::vector<std::string> described, routed;
  for (const auto& path : object_at(document, "paths")) {
    for (const auto& operation : path.value().get_object()) {
      std::string method(operation.key());
      for (char& c : method) c = static_cast<char>(std::toupper(c));
      described.push_back(method + " " + std::string(path.key()));
      const json::object& one = operation.value().get_object();
      CHECK_FALSE(text_at(one, "summary").empty());
      CHECK(object_at(one, "responses").contains("default"));
    }
  }
  for (const ApiRoute& route : api_routes()) {
    routed.push_back(std::string(route.method) + " " + std::string(route.path));
  }
  std::sort(described.begin(), described.end());
  std::sort(routed.begin(), routed.end());
  CHECK(described == routed);
}

TEST_CASE("openapi: real answers, good and bad, satisfy their schemas") {
  ApiWorld world;
  const json::object document = document_of(world);
  const Schemas schemas(document);
  const std::string p = "?purpose=verification";
  const std::string record = R"({"form":"visit","values":{"name":"王","members":3}})";
  const Asked all[] = {
      {"/api/v1/session", {.target = "/api/v1/session"}, 200},
      {"/api/v1/status", {.target = "/api/v1/status"}, 200},
      {"/api/v1/doctor", {.target = "/api/v1/doctor"}, 200},
      {"/api/v1/datasets", {.target = "/api/v1/datasets"}, 200},
      {"/api/v1/datasets/{dataset}", {.target = "/api/v1/datasets/roster"}, 200},
      {"/api/v1/datasets/{dataset}", {.target = "/api/v1/datasets/none"}, 404},
      {"/api/v1/datasets/{dataset}/rows", {.target = "/api/v1/datasets/roster/rows" + p}, 200},
      {"/api/v1/datasets/{dataset}/rows",
       {.target = "/api/v1/datasets/roster/rows" + p + "&limit=1",
        .fields = {{"Prefer", "count=exact"}}},
       200},
      {"/api/v1/datasets/{dataset}/rows",
       {.target = "/api/v1/datasets/roster/rows" + p + "&limit=0"},
       200},
      {"/api/v1/datasets/{dataset}/rows", {.target = "/api/v1/datasets/x/rows" + p}, 403},
      {"/api/v1/datasets/{dataset}/rows",
       {.target = "/api/v1/datasets/roster/rows" + p + "&nosuch=eq.1"},
       400},
      {"/api/v1/datasets/{dataset}/rows/{key}",
       {.target = "/api/v1/datasets/roster/rows/a1" + p},
       200},
      {"/api/v1/search", {.target = "/api/v1/search" + p + "&q=Li"}, 200},
      {"/api/v1/search", {.target = "/api/v1/search" + p + "&q=nothing-like-it"}, 200},
      {"/api/v1/search", {.target = "/api/v1/search" + p + "&q=Li&alike=true&matches=true"}, 200},
      {"/api/v1/forms", {.target = "/api/v1/forms"}, 200},
      {"/api/v1/records", {.method = "POST", .target = "/api/v1/records", .body = record}, 201},
      {"/api/v1/records",
       {.method = "POST", .target = "/api/v1/records", .body = R"({"form":"visit","values":{}})"},
       422},
      {"/api/v1/records", {.method = "POST", .target = "/api/v1/records", .body = "{"}, 400},
      {"/api/v1/outbox", {.target = "/api/v1/outbox"}, 200},
      {"/api/v1/outbox/{record}", {.target = "/api/v1/outbox/none"}, 404},
      {"/api/v1/datasets/{dataset}/facets",
       {.target = "/api/v1/datasets/roster/facets" + p + "&columns=rural,village"},
       200},
      {"/api/v1/records/check",
       {.method = "POST",
        .target = "/api/v1/records/check",
        .body = R"({"form":"visit","records":[{"name":3},{"members":99}]})"},
       200},
      {"/api/v1/drafts",
       {.method = "POST",
        .target = "/api/v1/drafts",
        .body = R"({"form":"visit","values":{"name":"王"}})"},
       201},
      {"/api/v1/drafts", {.target = "/api/v1/drafts"}, 200},
      {"/api/v1/drafts/{draft}", {.method = "DELETE", .target = "/api/v1/drafts/none"}, 404},
      {"/api/v1/outbox/{record}/receipt", {.target = "/api/v1/outbox/none/receipt"}, 404},
      {"/api/v1/forms/{form}/prefill", {.target = "/api/v1/forms/visit/prefill" + p}, 400},
      {"/api/v1/views",
       {.method = "POST", .target = "/api/v1/views", .body = R"({"page":2})"},
       201},
      {"/api/v1/views/{view}", {.target = "/api/v1/views/none"}, 404},
      {"/api/v1/watches",
       {.method = "POST",
        .target = "/api/v1/watches",
        .body = R"({"name":"all","dataset":"roster","purpose":"verification","where":[]})"},
       201},
      {"/api/v1/watches", {.target = "/api/v1/watches"}, 200},
      {"/api/v1/watches/{watch}", {.target = "/api/v1/watches/all"}, 200},
      {"/api/v1/watches/{watch}/seen",
       {.method = "POST", .target = "/api/v1/watches/all/seen"},
       200},
      {"/api/v1/watches/{watch}", {.method = "DELETE", .target = "/api/v1/watches/all"}, 200},
      {"/api/v1/ledger/verify", {.method = "POST", .target = "/api/v1/ledger/verify"}, 200},
      {"/api/v1/traffic", {.target = "/api/v1/traffic"}, 200},
      {"/api/v1/sql/tables", {.target = "/api/v1/sql/tables" + p}, 200},
      {"/api/v1/sql/saved",
       {.method = "POST",
        .target = "/api/v1/sql/saved",
        .body = R"({"name":"one","statement":"SELECT 1","purpose":"verification"})"},
       201},
      {"/api/v1/sql/saved", {.target = "/api/v1/sql/saved"}, 200},
      {"/api/v1/sql/saved/{name}", {.method = "DELETE", .target = "/api/v1/sql/saved/one"}, 200},
      {"/api/v1/ledger", {.target = "/api/v1/ledger"}, 200},
      {"/api/v1/sync", {.method = "POST", .target = "/api/v1/sync"}, 200},
      {"/api/v1/sheets", {.method = "POST", .target = "/api/v1/sheets", .body = "a\n1\n"}, 200},
      {"/api/v1/sheets", {.method = "POST", .target = "/api/v1/sheets", .body = "a,a\n"}, 422},
      {"/api/v1/problems/{code}", {.target = "/api/v1/problems/lease_ended"}, 200},
      {"/api/v1/problems/{code}", {.target = "/api/v1/problems/none"}, 404},
  };
  for (const Asked& one : all) {
    const HttpAnswer answer = world.local(one.question);
    CAPTURE(one.question.method);
    CAPTURE(one.question.target);
    CAPTURE(answer.body);
    CHECK(answer.status == one.status);
    const json::object schema = schema_of(document, one.path, one.question.method, answer.status);
    CHECK_FALSE(schema.empty());
    CHECK(schemas.mistake(answer.object(), schema) == "");
  }
}

TEST_CASE("openapi: a record is read back, and lists come as CSV and JSON Lines") {
  ApiWorld world;
  const HttpAnswer saved =
      world.local({.method = "POST",
                   .target = "/api/v1/records",
                   .body = R"({"form":"visit","values":{"name":"王","members":3}})"});
  const std::string id = text_at(saved.object(), "id");
  const json::object document = document_of(world);
  const HttpAnswer record = world.local_get("/api/v1/outbox/" + id);
  CHECK(Schemas(document).mistake(record.object(), schema_of(document, "/api/v1/outbox/{record}",
                                                             "GET", record.status)) == "");
  CHECK(text_at(object_at(record.object(), "values"), "name") == "王");
  const HttpAnswer csv = world.local_get("/api/v1/outbox.csv");
  CHECK(csv.body.starts_with("id,"));
  CHECK(csv.body.substr(0, csv.body.find('\n')).find(",state,") != std::string::npos);
  CHECK(csv.body.find("\n" + id + ",") != std::string::npos);
  const HttpAnswer lines = world.local_get("/api/v1/datasets.ndjson");
  CHECK(text_at(must(parse_json(lines.body, "line")).as_object(), "id") == "roster");
}

TEST_CASE("sync: progress comes as server-sent events that end with the report") {
  ApiWorld world;
  const HttpAnswer answer = world.local({.method = "POST",
                                         .target = "/api/v1/sync",
                                         .fields = {{"Accept", "text/event-stream"}},
                                         .body = R"({"from":"/media/usb"})"});
  CHECK(answer.field("content-type") == "text/event-stream");
  CHECK(answer.body == "event: done\ndata: {\"from\":\"/media/usb\"}\n\n");
}
