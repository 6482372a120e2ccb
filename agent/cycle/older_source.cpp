// Reads the one number from the timestamp, as a hint.
#include "agent/cycle/older_source.hpp"

#include "core/format/json.hpp"
#include "core/format/json_values.hpp"
#include "core/limits.hpp"
#include "sync/trust/client/tuf_client.hpp"

namespace rootlet::agent {

bool is_older_source(FileSource& source, const Office& office) {
  const Result<TufStanding> held = TufClient::standing(office.home().trust(), office.time().now);
  if (held.has_error() || held.value().timestamp_version == 0) return false;
  Bytes bytes;
  FileRequest request;
  request.path = "metadata/timestamp.json";
  request.to = request.file_bytes = limits::kTimestampBytes;
  request.on_data = [&bytes](ByteView piece) -> Status {
    bytes.insert(bytes.end(), piece.begin(), piece.end());
    return ok();
  };
  const Result<FileReply> reply = source.get(request);
  if (reply.has_error() || reply.value().state != FetchState::kFetched) return false;
  const Result<json::value> document = parse_json(as_text(bytes), "timestamp");
  if (document.has_error() || !document.value().is_object()) return false;
  const std::int64_t offered =
      integer_at(object_at(document.value().get_object(), "signed"), "version");
  return offered > 0 && offered < held.value().timestamp_version;
}

}  // namespace rootlet::agent
