// Issue times, lives and notices of metadata.
#include "sync/trust/metadata/signing_times.hpp"

#include "core/format/json.hpp"
#include "sync/trust/metadata/tuf_metadata.hpp"

namespace rootlet {

using std::chrono::days;
using std::chrono::seconds;

std::optional<UnixTime> issued_in(const json::object& signed_part) {
  const auto field = signed_part.find(kIssuedField);
  if (field == signed_part.end() || !field->value().is_string()) return std::nullopt;
  const Result<UnixTime> time = parse_time(std::string_view(field->value().get_string()));
  if (time.has_error()) return std::nullopt;
  return time.value();
}

seconds life_of_role(std::string_view role) {
  if (role == kTufRoot) return kRootLife;
  if (role == kTufTimestamp) return kTimestampLife;
  if (role == kTufSnapshot) return kSnapshotLife;
  return role == "directory" ? kDirectoryLife : kTargetsLife;
}

seconds notice_before_end(seconds life) {
  if (life >= days(180)) return days(60);
  // Renewed with a quarter of its life left (repository_metadata.cpp), a timestamp with more.
  return life >= days(14) ? life * 7 / 30 : life / 2;
}

EndState decide_end(const RoleEnd& end, UnixTime now) {
  if (now >= end.expires) return EndState::kOver;
  return end.expires - now <= notice_before_end(end.life) ? EndState::kNear : EndState::kFar;
}

}  // namespace rootlet
