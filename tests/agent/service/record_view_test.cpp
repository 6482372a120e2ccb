// The line by which a clerk recognises a record.
#include "agent/records/record_view.hpp"

#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using rootlet::test::code_of;
using rootlet::test::must;

namespace {

FormDefinition form_with(const std::string& more) {
  return must(FormDefinition::parse(R"({"id":"f","version":1,"title":"t","purpose":"p","basis":"b",
    "unit":"u","contact":"c","retention_days":1,)" +
                                        more + R"("fields":[
      {"name":"code","type":"division"}, {"name":"id_no","type":"id_card"},
      {"name":"name","type":"text"}, {"name":"illness","type":"text","tags":["sensitive_pi"]},
      {"name":"phone","type":"phone"}, {"name":"count","type":"integer"},
      {"name":"note","type":"text"}]})",
                                    "form"));
}

const json::object kValues{{"code", "330402"},       {"id_no", "11010519491231002X"},
                           {"name", "王小明"},       {"illness", "糖尿病"},
                           {"phone", "13800001234"}, {"count", 3},
                           {"note", "备注"}};

}  // namespace

TEST_CASE("subject: the first texts, unless the form names fields") {
  CHECK(record_subject(form_with(""), kValues) == "王小明 · 糖*");
  CHECK(record_subject(form_with(R"("subject":["count","note"],)"), kValues) == "3 · 备注");
  CHECK(record_subject(form_with(R"("subject":["note","name"],)"), {{"name", "李"}}) == "李");
  CHECK(record_subject(form_with(""), {}).empty());
}

TEST_CASE("subject: identity numbers, phones and sensitive personal information are masked") {
  CHECK(record_subject(form_with(R"("subject":["id_no","phone","illness"],)"), kValues) ==
        "110105********002X · 138****1234 · 糖*");
}

TEST_CASE("subject: a form cannot name a field that it does not have") {
  const auto refused = FormDefinition::parse(
      R"({"id":"f","version":1,"title":"t","purpose":"p","basis":"b","unit":"u","contact":"c",
          "retention_days":1,"subject":["nmae"],"fields":[{"name":"name","type":"text"}]})",
      "form");
  CHECK(code_of(refused) == ErrorCode::kBadInput);
  CHECK(refused.error().field == "subject");
}

TEST_CASE("subject: a long text is one line's worth") {
  json::object values = kValues;
  std::string name;
  for (int i = 0; i < 100; ++i) name += "长";
  values["name"] = name;
  const std::string subject = record_subject(form_with(""), values);
  CHECK(subject.size() < 130);
  CHECK(subject.ends_with("…"));
}
