// Entries of older versions lack the fields of newer ones.
#include "agent/ledger/use.hpp"

#include "core/format/json.hpp"
#include "core/local_limits.hpp"
#include "core/unicode/utf8.hpp"

namespace rootlet::agent {
namespace {

// The fields that only some entries have.
Status parse_additions(JsonObject& object, Use& use) {
  if (object.has("export")) {
    ROOTLET_TRY(use.is_export, object.boolean("export"));
  }
  if (object.has("emergency")) {
    ROOTLET_TRY(use.is_emergency, object.boolean("emergency"));
  }
  if (object.has("column")) {
    ROOTLET_TRY(use.column, object.text("column"));
  }
  if (object.has("times")) {
    ROOTLET_TRY(use.times, object.integer("times", 0, INT64_MAX));
  }
  if (object.has("subjects")) {
    ROOTLET_TRY(use.subjects, object.texts("subjects", limits::kLookupsPerEntry));
  }
  if (object.has("began")) {
    ROOTLET_TRY(use.began, object.integer("began", 1, INT64_MAX));
  }
  return ok();
}

}  // namespace

json::object use_json(const Use& use) {
  json::object out{{"at", format_time(use.at)},
                   {"uid", use.uid},
                   {"user", repaired_utf8(use.user)},
                   {"command", repaired_utf8(use.command)},
                   {"dataset", repaired_utf8(use.dataset)},
                   {"purpose", repaired_utf8(use.purpose)},
                   {"count", use.count},
                   {"outcome", repaired_utf8(use.outcome)},
                   {"subject", repaired_utf8(use.subject)}};
  if (use.is_export) out["export"] = true;
  if (use.is_emergency) out["emergency"] = true;
  if (!use.column.empty()) out["column"] = repaired_utf8(use.column);
  if (use.times != 1) out["times"] = use.times;
  if (!use.subjects.empty())
    out["subjects"] = json::array(use.subjects.begin(), use.subjects.end());
  if (use.began != 0) out["began"] = use.began;
  return out;
}

Result<Use> parse_use(std::string_view text) {
  ROOTLET_TRY(const json::value value, parse_json(text, "ledger entry"));
  ROOTLET_TRY(JsonObject object, JsonObject::from(value, "ledger entry"));
  Use use;
  ROOTLET_TRY(const std::string at, object.text("at"));
  ROOTLET_TRY(use.at, parse_time(at));
  ROOTLET_TRY(use.uid, object.integer("uid", -1, INT64_MAX));
  ROOTLET_TRY(use.count, object.integer("count", 0, INT64_MAX));
  ROOTLET_TRY(use.user, object.text("user"));
  ROOTLET_TRY(use.command, object.text("command"));
  ROOTLET_TRY(use.dataset, object.text("dataset"));
  ROOTLET_TRY(use.purpose, object.text("purpose"));
  ROOTLET_TRY(use.outcome, object.text("outcome"));
  ROOTLET_TRY(use.subject, object.text("subject"));
  ROOTLET_TRY(parse_additions(object, use));
  return use;
}

}  // namespace rootlet::agent
