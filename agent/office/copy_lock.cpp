// One fact of keys.db, as JSON.
#include "agent/office/copy_lock.hpp"

#include "core/format/json.hpp"

namespace rootlet::agent {
namespace {

constexpr std::string_view kFact = "copy_lock";

}  // namespace

Result<CopyLock> load_copy_lock(KeyStore& keys) {
  ROOTLET_TRY(const std::optional<Bytes> text, keys.fact(kFact));
  if (!text) return CopyLock{};
  ROOTLET_TRY(const json::value value, parse_json(as_text(*text), "keys.db: copy_lock"));
  ROOTLET_TRY(JsonObject object, JsonObject::from(value, "keys.db: copy_lock"));
  CopyLock lock;
  ROOTLET_TRY(lock.why, object.text("why"));
  ROOTLET_TRY(const std::string since, object.text("since"));
  ROOTLET_TRY(lock.since, parse_time(since));
  return lock;
}

Status save_copy_lock(KeyStore& keys, const CopyLock& lock) {
  if (!lock.is_set()) return keys.forget_fact(kFact);
  const json::object object{{"why", lock.why}, {"since", format_time(lock.since)}};
  return keys.save_fact(kFact, as_bytes(json::serialize(object)));
}

}  // namespace rootlet::agent
