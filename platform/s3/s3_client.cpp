// Requests: "Amazon S3 API Reference"; paths name the bucket, which every S3 server understands.
#include "platform/s3/s3_client.hpp"

#include <algorithm>
#include <random>
#include <thread>

#include "core/crypto.hpp"
#include "core/format/percent.hpp"
#include "sync/wire/client/retry.hpp"

namespace rootlet::platform {
namespace {

constexpr std::size_t kPieceBytes = limits::kMiB;
constexpr std::size_t kListBytes = 4 * limits::kMiB;  // 1000 names of at most 1 KiB, and XML
constexpr std::size_t kXmlBytes = 64 * limits::kKiB;
constexpr int kTries = 4;
constexpr std::chrono::milliseconds kFirstWait{200}, kLongestWait{5'000};
constexpr long kLongestAsked = 30;              // seconds that a server may ask to wait
constexpr std::chrono::minutes kTotalTime{30};  // of one request; a stall ends it much earlier

double random_share() {
  thread_local std::minstd_rand generator{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(generator);
}

bool is_busy(const HttpResponse& response) {
  return response.status >= 500 || response.status == 429 || response.status == 408;
}

bool is_good(int status) {
  return status >= 200 && status < 300;
}

std::string error_code(const HttpResponse& response) {
  return s3_error_code(as_text(response.body));
}

}  // namespace

void PieceDigest::add(ByteView bytes) {
  bytes_ += bytes.size();
  while (!bytes.empty()) {
    const std::size_t count = std::min(bytes.size(), kPieceBytes - piece_.size());
    piece_.insert(piece_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count));
    bytes = bytes.subspan(count);
    if (piece_.size() < kPieceBytes) continue;
    const Hash256 hash = sha256(piece_);
    hashes_.insert(hashes_.end(), hash.begin(), hash.end());
    piece_.clear();
  }
}

Hash256 PieceDigest::finish() {
  const Hash256 hash = sha256(piece_);
  hashes_.insert(hashes_.end(), hash.begin(), hash.end());
  return sha256(hashes_);
}

S3Client::S3Client(const S3Place& place, const S3Keys& keys)
    : place_(place), keys_(keys), http_({.ca_file = place.ca_file}) {}

std::string S3Client::key_of(std::string_view name) const {
  return (place_.prefix.empty() ? "" : place_.prefix + "/") + std::string(name);
}

HttpRequest S3Client::request_of(Verb verb) const {
  HttpRequest request;
  request.url = place_.endpoint + "/" + place_.bucket;
  if (!verb.name.empty()) request.url += "/" + key_of(verb.name);
  if (!verb.query.empty()) request.url += "?" + verb.query;
  request.max_bytes = std::max(verb.max_bytes, kXmlBytes);
  if (verb.method != "GET") request.method = verb.method;
  if (!verb.fields.content_type.empty()) request.content_type = verb.fields.content_type;
  const ByteView body = verb.body ? ByteView(*verb.body) : ByteView();
  request.fields = {{"x-amz-content-sha256", to_hex(sha256(body))}};
  request.body = std::move(verb.body);
  if (!verb.fields.cache_control.empty()) {
    request.fields.emplace_back("Cache-Control", verb.fields.cache_control);
  }
  request.signing = HttpSigning{"aws:amz:" + place_.region + ":s3", keys_.id, keys_.secret};
  request.total_time = kTotalTime;
  request.on_head = verb.on_head;
  request.on_data = verb.on_data;
  return request;
}

Result<HttpResponse> S3Client::send(Verb verb) {
  const std::string what = place_.text() + ": " + verb.method + " " + verb.name;
  const HttpRequest request = request_of(std::move(verb));
  for (int attempt = 1;; ++attempt) {
    Result<HttpResponse> answer = http_.send(request);
    const bool is_lost = answer.has_error() && answer.error().code == ErrorCode::kUnreachable;
    if (answer.has_error() && !is_lost) return within(what, answer.error());
    if (answer.has_value() && !is_busy(answer.value())) return answer;
    const long asked = answer.has_value() ? answer.value().retry_after_seconds : 0;
    if (attempt == kTries) {
      if (is_lost) return Error(ErrorCode::kUnreachable, what + ": " + answer.error().message);
      return fail(ErrorCode::kUnreachable, what + ": HTTP " +
                                               std::to_string(answer.value().status) + " " +
                                               error_code(answer.value()));
    }
    std::this_thread::sleep_for(retry_delay(attempt, kFirstWait, kLongestWait,
                                            std::min(asked, kLongestAsked), random_share()));
  }
}

Result<HttpResponse> S3Client::need(Verb verb, bool may_be_absent) {
  const std::string what = place_.text() + ": " + verb.method + " " + verb.name;
  ROOTLET_TRY(HttpResponse response, send(std::move(verb)));
  if (is_good(response.status)) return response;
  const std::string code = error_code(response);
  const bool is_absent = response.status == 404 && code != "NoSuchBucket";
  if (may_be_absent && is_absent) return response;
  return Error(ErrorCode::kUsage, what + ": HTTP " + std::to_string(response.status) + " " + code,
               {},
               {.en = "The server refuses it: check the bucket's name, the key and what it may "
                      "do, and this machine's clock.",
                .zh = "服务器拒绝：请检查存储桶名称、密钥及其权限，以及本机时钟。"});
}

Result<std::string> S3Client::put(std::string_view name, Bytes bytes, const S3Fields& fields) {
  ROOTLET_TRY(const HttpResponse response, need({.method = "PUT",
                                                 .name = std::string(name),
                                                 .body = std::move(bytes),
                                                 .fields = fields}));
  return response.etag;
}

Result<std::string> S3Client::begin_upload(std::string_view name, const S3Fields& fields) {
  ROOTLET_TRY(const HttpResponse response, need({.method = "POST",
                                                 .name = std::string(name),
                                                 .query = "uploads=",
                                                 .body = Bytes(),
                                                 .fields = fields}));
  std::optional<std::string> id = xml_text(as_text(response.body), "UploadId");
  if (id.has_value() && !id->empty()) return *std::move(id);
  return fail(ErrorCode::kUntrusted, place_.text() + ": the server began no upload");
}

Result<std::string> S3Client::put_part(std::string_view name, std::string_view upload, int number,
                                       Bytes bytes) {
  ROOTLET_TRY(const HttpResponse response, need({.method = "PUT",
                                                 .name = std::string(name),
                                                 .query = "partNumber=" + std::to_string(number) +
                                                          "&uploadId=" + percent_encode(upload),
                                                 .body = std::move(bytes)}));
  return response.etag;
}

Result<std::string> S3Client::finish_upload(std::string_view name, std::string_view upload,
                                            const std::vector<std::string>& etags) {
  std::string xml = "<CompleteMultipartUpload>";
  for (std::size_t i = 0; i < etags.size(); ++i) {
    xml += "<Part><PartNumber>" + std::to_string(i + 1) + "</PartNumber><ETag>" + etags[i] +
           "</ETag></Part>";
  }
  xml += "</CompleteMultipartUpload>";
  ROOTLET_TRY(const HttpResponse response,
              need({.method = "POST",
                    .name = std::string(name),
                    .query = "uploadId=" + percent_encode(upload),
                    .body = to_bytes(std::string_view(xml)),
                    .fields = {.content_type = "application/xml", .cache_control = {}}}));
  // The status comes before the work is done, so an error may follow it.
  const std::string code = error_code(response);
  if (code.empty()) return xml_text(as_text(response.body), "ETag").value_or("");
  return fail(ErrorCode::kUnreachable,
              place_.text() + ": finish the upload of " + std::string(name) + ": " + code);
}

Status S3Client::abort_upload(std::string_view name, std::string_view upload) {
  ROOTLET_TRY(need({.method = "DELETE",
                    .name = std::string(name),
                    .query = "uploadId=" + percent_encode(upload)},
                   true));
  return ok();
}

Status S3Client::remove(std::string_view name) {
  ROOTLET_TRY(need({.method = "DELETE", .name = std::string(name)}, true));
  return ok();
}

Result<std::optional<Bytes>> S3Client::get(std::string_view name, std::size_t max_bytes) {
  ROOTLET_TRY(HttpResponse response,
              need({.method = "GET", .name = std::string(name), .max_bytes = max_bytes}, true));
  if (response.status == 404) return std::optional<Bytes>();
  return std::optional<Bytes>(std::move(response.body));
}

Result<std::optional<S3Digest>> S3Client::digest_of(std::string_view name,
                                                    std::uint64_t max_bytes) {
  PieceDigest digest;
  Verb verb{.method = "GET", .name = std::string(name), .max_bytes = max_bytes};
  verb.on_head = [&](const HttpResponse&) -> Status {
    digest = PieceDigest();  // a new try begins anew
    return ok();
  };
  verb.on_data = [&](ByteView piece) -> Status {
    digest.add(piece);
    return ok();
  };
  ROOTLET_TRY(const HttpResponse response, need(std::move(verb), true));
  if (response.status == 404) return std::optional<S3Digest>();
  const std::uint64_t bytes = digest.bytes();
  return std::optional(S3Digest{digest.finish(), bytes});
}

Result<S3Page> S3Client::list(std::string_view start, const std::string& token) {
  std::string query = token.empty() ? "" : "continuation-token=" + percent_encode(token) + "&";
  query += "list-type=2&prefix=" + percent_encode(key_of(start));
  ROOTLET_TRY(const HttpResponse response,
              need({.method = "GET", .name = "", .query = query, .max_bytes = kListBytes}));
  ROOTLET_TRY(S3Page page, parse_s3_page(as_text(response.body)));
  const std::size_t prefix = key_of("").size();
  for (S3Object& object : page.objects) {
    if (!object.name.starts_with(key_of(""))) {
      return fail(ErrorCode::kUntrusted, place_.text() + ": the list names a foreign object");
    }
    object.name.erase(0, prefix);
  }
  return page;
}

}  // namespace rootlet::platform
