#include "agent/api/form/problem.hpp"
#include "agent/api/form/row_body.hpp"
#include "core/format/json_values.hpp"

namespace rootlet::agent {
namespace {

class SqlRows final : public RowBody {
 public:
  SqlRows(BodyOut& out, const ApiRequest& request) : RowBody(out, request) {}

  Status head(const json::object& head) override {
    out_.begin(http::kJsonType, {});
    const std::string start = json::serialize(head);
    return out_.write(start.substr(0, start.size() - 1) + ",\"rows\":[");
  }
  Status rows(const json::array& rows) override {
    std::string text;
    for (const json::value& row : rows) {
      if (std::exchange(any_, true)) text += ',';
      text += json::serialize(row);
    }
    return out_.write(text);
  }
  Status finish(const json::object& done) override {
    const json::object end{{"count", integer_at(done, "count")},
                           {"limited", boolean_at(done, "more")},
                           {"cut", text_at(done, "cut")}};
    return out_.write("]," + json::serialize(end).substr(1));
  }
  bool finish_with(const Error& error) override {
    const json::object end{{"limited", true},
                           {"error", problem_json(error, status_of(error), request_.language)}};
    return out_.write("]," + json::serialize(end).substr(1)).has_value();
  }

 private:
  bool any_ = false;
};

}  // namespace

std::unique_ptr<RowBody> sql_body(BodyOut& out, const ApiRequest& request) {
  if (request.form != BodyForm::kJson) return row_body(out, request);
  return std::make_unique<SqlRows>(out, request);
}

}  // namespace rootlet::agent
