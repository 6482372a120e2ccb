#include "platform/s3/s3_place.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "core/file/file.hpp"

namespace rootlet::platform {
namespace {

constexpr std::size_t kKeyFileBytes = 4096;  // two lines
constexpr std::size_t kBucketBytes = 63;     // S3's own limit
constexpr std::size_t kPrefixBytes = 512;    // S3 allows 1024 for a whole name
constexpr std::size_t kEndpointBytes = 2048;

bool is_plain(std::string_view text, std::string_view more) {
  return std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           more.find(c) != std::string_view::npos;
  });
}

Error bad_address(std::string_view address) {
  return bad_input("repository: \"" + std::string(address.substr(0, 80)) +
                       "\" is not an address such as s3://BUCKET or s3://BUCKET/PREFIX with plain "
                       "letters, digits and - _ .",
                   "repository");
}

bool is_endpoint(std::string_view url) {
  const std::size_t host = url.find("//");
  if (!url.starts_with("http://") && !url.starts_with("https://")) return false;
  const std::string_view rest = url.substr(host + 2);
  return !rest.empty() && url.size() <= kEndpointBytes && is_plain(rest, ".-_:[]");
}

const char* variable(std::string_view name) {
  const char* value = std::getenv(std::string(name).c_str());
  return value != nullptr && *value != '\0' ? value : nullptr;
}

fs::path key_file() {
  if (const char* named = variable(kS3KeyFileVariable)) return named;
  const char* folder = variable("CREDENTIALS_DIRECTORY");
  if (folder == nullptr) return {};
  fs::path file = fs::path(folder) / kS3KeyCredential;
  std::error_code unknown;
  return fs::exists(file, unknown) ? file : fs::path();
}

Result<S3Keys> read_keys(const fs::path& file) {
  ROOTLET_TRY(const std::string text, read_text_file(file, kKeyFileBytes));
  S3Keys keys;
  std::string* const lines[] = {&keys.id, &keys.secret};
  std::string_view rest = text;
  for (std::string* line : lines) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    *line = rest.substr(0, end);
    while (!line->empty() && (line->back() == '\r' || line->back() == ' ')) line->pop_back();
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (!keys.id.empty() && !keys.secret.empty()) return keys;
  return fail(ErrorCode::kUsage,
              file.string() + ": the bucket's key must be two lines, the id and the secret");
}

}  // namespace

Result<S3Place> parse_s3_place(std::string_view address, std::string_view endpoint,
                               std::string_view region) {
  constexpr std::string_view kScheme = "s3://";
  if (!address.starts_with(kScheme)) return bad_address(address);
  std::string_view rest = address.substr(kScheme.size());
  while (rest.ends_with('/')) rest.remove_suffix(1);
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  S3Place place;
  place.bucket = rest.substr(0, slash);
  if (slash < rest.size()) place.prefix = rest.substr(slash + 1);
  const bool is_clean = place.prefix.find("//") == std::string::npos &&
                        !place.prefix.starts_with('/') &&
                        ("/" + place.prefix).find("/.") == std::string::npos;
  if (place.bucket.empty() || place.bucket.size() > kBucketBytes || !is_plain(place.bucket, ".-") ||
      place.prefix.size() > kPrefixBytes || !is_clean || !is_plain(place.prefix, ".-_/")) {
    return bad_address(address);
  }
  while (endpoint.ends_with('/')) endpoint.remove_suffix(1);
  if (!is_endpoint(endpoint)) {
    return bad_input("s3-endpoint: give the address of the S3 server, such as https://s3.example",
                     "s3-endpoint");
  }
  place.endpoint = endpoint;
  if (!region.empty()) place.region = region;
  if (!is_plain(place.region, "-_")) {
    return bad_input("s3-region: letters, digits and - only", "s3-region");
  }
  return place;
}

Result<S3Keys> load_s3_keys() {
  const fs::path file = key_file();
  if (!file.empty()) return read_keys(file);
  const char* id = variable("AWS_ACCESS_KEY_ID");
  const char* secret = variable("AWS_SECRET_ACCESS_KEY");
  if (id != nullptr && secret != nullptr) return S3Keys{id, secret};
  return Error(ErrorCode::kUsage, "the bucket's key is missing", {},
               {.en = "Put its id and its secret as two lines into a file and name that in "
                      "ROOTLET_S3_KEY_FILE, or give the service the credential rootlet-s3-key.",
                .zh = "请将密钥 ID 和密钥各占一行写入文件，用 ROOTLET_S3_KEY_FILE 指定，"
                      "或为服务提供 systemd 凭据 rootlet-s3-key。"});
}

}  // namespace rootlet::platform
