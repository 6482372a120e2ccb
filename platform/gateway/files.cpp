#include "platform/gateway/files.hpp"

namespace rootlet::platform {
namespace {

constexpr std::string_view kForever = "max-age=31536000";
constexpr std::string_view kAskAgain = "no-cache";

std::string_view content_type_of(std::string_view name) {
  return name.ends_with(".json") ? http::kJsonType : "application/octet-stream";
}

// A name that never gets other bytes: packs and metadata have a number or a hash.
bool is_immutable(const std::vector<std::string>& segments) {
  const std::string& folder = segments.front();
  if (folder == "packs" || folder == "directory") return true;
  const char first = segments.back().front();
  return folder == "metadata" && first >= '0' && first <= '9';
}

}  // namespace

FileAnswer answer_file(const std::filesystem::path& repository, const FileRequest& request) {
  FileAnswer answer = http::answer_static_file(repository, request);
  if (answer.status == 404 || answer.status == 503) return answer;
  const bool is_forever = is_immutable(request.segments);
  answer.cache_control = is_forever ? kForever : kAskAgain;
  // Nobody asks again for what never changes, and every field costs each office bytes.
  if (is_forever) {
    answer.etag.clear();
  } else {
    answer.content_type = content_type_of(request.segments.back());
  }
  return answer;
}

}  // namespace rootlet::platform
