// Form definitions parse strictly, and every violation names its field in both languages.
#include "sync/uplink/form/form.hpp"

#include "core/format/exact_json.hpp"
#include "core/format/json.hpp"
#include "tests/support/support.hpp"

namespace rootlet {
namespace {

using test::code_of;
using test::must;

constexpr std::string_view kVisit = R"json({
  "id": "household-visit", "version": 2, "title": {"zh": "入户走访", "en": "Household visit"},
  "purpose": "p", "basis": "b", "retention_days": 365, "unit": "u", "contact": "c",
  "prefill": {"dataset": "roster", "key_field": "id_no"},
  "fields": [
    {"name": "id_no", "type": "id_card", "required": true, "title": {"zh": "身份证号"}},
    {"name": "people", "type": "integer", "min": 1, "max": 30},
    {"name": "income", "type": "decimal(2)", "min": "0", "max": "99999.99"},
    {"name": "visited", "type": "date", "min": "2026-01-01", "required": true},
    {"name": "at", "type": "datetime"},
    {"name": "warm", "type": "boolean"},
    {"name": "need", "type": "choice", "choices": ["medical", {"value": "none", "title": "无"}]},
    {"name": "company", "type": "uscc"},
    {"name": "village", "type": "division", "column": "village"},
    {"name": "phone", "type": "phone", "tags": ["pi"]},
    {"name": "note", "type": "text", "max_length": 5},
    {"name": "plate", "type": "text", "pattern": "[A-Z]\\d{3}"}]})json";

FormDefinition a_form() {
  return must(FormDefinition::parse(kVisit, "visit.json"));
}

json::object values(std::string_view text) {
  return must(parse_exact_json(text, "values")).as_object();
}

// "field:reason" of every violation after normalising.
std::string judged(std::string_view text, std::string_view kept = "{}") {
  const FormDefinition form = a_form();
  std::string out;
  for (const Violation& each :
       validate_values(form, normalise_values(form, values(text)), values(kept))) {
    CHECK(!each.words.zh.empty());
    CHECK(!each.words.en.empty());
    out += each.field + ":" + each.reason + " ";
  }
  return out;
}

std::string with(std::string_view member) {
  return R"({"id_no":"11010519491231002X","visited":"2026-11-21",)" + std::string(member) + "}";
}

TEST_CASE("form: a definition parses completely") {
  const FormDefinition form = a_form();
  CHECK(form.id == "household-visit");
  CHECK(form.version == 2);
  CHECK(form.fields.size() == 12);
  CHECK(form.field("income")->scale == 2);
  CHECK(form.field("need")->choices[1].title.zh == "无");
  CHECK(form.prefill->dataset == "roster");
  CHECK(form.review == Review::kAutomatic);
  CHECK(must(FormDefinition::parse(form.source, "again")).source == form.source);
}

TEST_CASE("form: a mistake in a definition names the file and the field") {
  const auto refused = [](std::string_view from, std::string_view to, std::string_view field) {
    std::string text(kVisit);
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    text.replace(at, from.size(), to);
    const Result<FormDefinition> form = FormDefinition::parse(text, "visit.json");
    CAPTURE(to);
    REQUIRE(form.has_error());
    CHECK(form.error().code == ErrorCode::kBadInput);
    CHECK(form.error().field == field);
    CHECK(form.error().message.starts_with("visit.json: "));
  };
  refused("\"version\": 2", "\"version\": 0", "version");
  refused("\"purpose\": \"p\",", "", "purpose");
  refused("\"unit\": \"u\"", "\"unit\": \"u\", \"colour\": 1", "colour");
  refused("\"name\": \"people\"", "\"name\": \"id_no\"", "fields[1].name");
  refused("\"type\": \"phone\"", "\"type\": \"telephone\"", "fields[9].type");
  refused("decimal(2)", "decimal", "fields[2].type");
  refused("\"min\": \"0\"", "\"min\": \"zero\"", "fields[2].min");
  refused("\"min\": \"2026-01-01\"", "\"min\": \"2026-01-41\"", "fields[3].min");
  refused("\"max_length\": 5", "\"max_length\": 0", "fields[10].max_length");
  refused("[A-Z]\\\\d{3}", "(A)", "fields[11].pattern");
  refused("\"choices\": [\"medical\"", "\"choices\": [\"none\"", "fields[6].choices");
  refused("\"tags\": [\"pi\"]", "\"hint\": 1", "fields[9].hint");
  refused("\"key_field\": \"id_no\"", "\"key_field\": \"nobody\"", "prefill.key_field");
  refused("\"prefill\": {\"dataset\": \"roster\", \"key_field\": \"id_no\"},", "", "prefill");
  refused("\"type\": \"phone\"", "\"type\": \"phone\", \"max_length\": 3", "fields[9].max_length");
}

TEST_CASE("form: valid values pass") {
  CHECK(judged(with(R"("people":3,"income":"1200.50","at":"2026-11-21 08:30","warm":true,
    "need":"none","company":"91350100M000100Y43","village":"330482100001","phone":"13800138000",
    "note":"好好好好好","plate":"B123")"))
            .empty());
}

TEST_CASE("form: each wrong value is named with its field and reason") {
  CHECK(judged("{}") == "id_no:required visited:required ");
  CHECK(judged(with(R"("colour":"red")")) == "colour:unknown ");
  CHECK(judged(with(R"("people":0)")) == "people:range ");
  CHECK(judged(with(R"("people":31)")) == "people:range ");
  CHECK(judged(with(R"("people":"three")")) == "people:type ");
  CHECK(judged(with(R"("people":2.5)")) == "people:type ");
  CHECK(judged(with(R"("income":"1.234")")) == "income:places ");
  CHECK(judged(with(R"("income":"100000.00")")) == "income:range ");
  CHECK(judged(with(R"("income":true)")) == "income:type ");
  CHECK(judged(with(R"("at":"yesterday")")) == "at:date ");
  CHECK(judged(with(R"("warm":"perhaps")")) == "warm:type ");
  CHECK(judged(with(R"("need":"money")")) == "need:choice ");
  CHECK(judged(with(R"("company":"91350100M000100Y44")")) == "company:checksum ");
  CHECK(judged(with(R"("village":"33048")")) == "village:division ");
  CHECK(judged(with(R"("phone":"123")")) == "phone:phone ");
  CHECK(judged(with(R"("note":"好好好好好好")")) == "note:length ");
  CHECK(judged(with(R"("note":"a\u0007b")")) == "note:characters ");
  CHECK(judged(with(R"("plate":"b123")")) == "plate:pattern ");
  CHECK(judged(with(R"("note":["a"])")) == "note:type ");
  CHECK(judged(R"({"id_no":"11010519491231002X","visited":"2025-12-31"})") == "visited:range ");
  CHECK(judged(R"({"id_no":"110105194912310021","visited":"2026-02-30"})") ==
        "id_no:checksum visited:date ");
}

TEST_CASE("form: values are normalised before they are validated and kept") {
  const FormDefinition form = a_form();
  const json::object plain = normalise_values(form, values(R"({
    "id_no": " １１０１０５１９４９１２３１００２ｘ　", "people": "３", "income": 12.5, "warm": "是",
    "phone": 13800138000, "note": "  ", "plate": null, "need": " none "})"));
  CHECK(plain == values(R"({"id_no":"11010519491231002X","people":3,"income":"12.5","warm":true,
    "phone":"13800138000","need":"none"})"));
  // Full-width characters inside a text stay as the person wrote them.
  CHECK(normalise_values(form, values(R"({"note":"（好）"})")).at("note") == "（好）");
  CHECK(normalise_values(form, plain) == plain);
}

TEST_CASE("form: a kept field needs a source and no value") {
  CHECK(judged(with(R"("people":1)"), R"({"village":{"version":3}})").empty());
  CHECK(judged(with(R"("village":"330482")"), R"({"village":{}})") == "village:kept ");
  CHECK(judged(with(R"("people":1)"), R"({"phone":{}})") == "phone:kept ");
  CHECK(judged(with(R"("people":1)"), R"({"colour":{}})") == "colour:unknown ");
}

TEST_CASE("form: an error for people carries field and words") {
  const FormDefinition form = a_form();
  const Error error = error_of(form, validate_values(form, {}, {}));
  CHECK(error.code == ErrorCode::kBadInput);
  CHECK(error.field == "id_no");
  // A line for each, by the field's title.
  CHECK(error.hint.zh.starts_with(title_of(form, "id_no", Language::kChinese) + "：此项必填。\n"));
  CHECK(error.message.find(" mistakes: field id_no: required; field ") != std::string::npos);
}

}  // namespace
}  // namespace rootlet
