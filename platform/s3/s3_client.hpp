// The few verbs of S3 that a repository needs, signed by SigV4 through the one HTTP client. Each
// put is whole or absent in the bucket, also when this process is killed: S3 promises that. What is
// sent is signed with its SHA-256, so the server refuses bytes that changed on the way. One thread.
#pragma once

#include <functional>
#include <memory>

#include "platform/s3/s3_answer.hpp"
#include "platform/s3/s3_place.hpp"
#include "sync/wire/client/http.hpp"

namespace rootlet::platform {

// What the bucket says to clients beside the bytes.
struct S3Fields {
  std::string content_type;
  std::string cache_control;
};

// SHA-256 over the SHA-256 of each MiB: one digest for bytes in memory, a file and a download.
class PieceDigest {
 public:
  void add(ByteView bytes);
  Hash256 finish();
  std::uint64_t bytes() const { return bytes_; }

 private:
  Bytes piece_;
  Bytes hashes_;
  std::uint64_t bytes_ = 0;
};

struct S3Digest {
  Hash256 digest{};
  std::uint64_t bytes = 0;
};

// Names are below the place's prefix. A server that is busy, slow or out of reach is asked again,
// four times in all, and is then kUnreachable; a refusal (key, bucket, signature) is kUsage. Errors
// name the bucket, the verb and the object.
class S3Client {
 public:
  S3Client(const S3Place& place, const S3Keys& keys);

  // Each returns the ETag.
  Result<std::string> put(std::string_view name, Bytes bytes, const S3Fields& fields);
  Result<std::string> put_part(std::string_view name, std::string_view upload, int number,
                               Bytes bytes);
  Result<std::string> finish_upload(std::string_view name, std::string_view upload,
                                    const std::vector<std::string>& etags);
  Result<std::string> begin_upload(std::string_view name, const S3Fields& fields);  // its id
  Status abort_upload(std::string_view name, std::string_view upload);  // no error if it is gone
  Status remove(std::string_view name);                                 // no error if it is gone

  // Nothing if there is no such object.
  Result<std::optional<Bytes>> get(std::string_view name, std::size_t max_bytes);
  Result<std::optional<S3Digest>> digest_of(std::string_view name, std::uint64_t max_bytes);
  // One page of the objects whose names begin with `start`; their names without the prefix.
  Result<S3Page> list(std::string_view start, const std::string& token);

  const Traffic& traffic() const { return http_.traffic(); }

 private:
  struct Verb {
    std::string method;
    std::string name;
    std::string query = {};
    std::optional<Bytes> body = {};
    S3Fields fields = {};
    std::size_t max_bytes = 0;
    std::function<Status(const HttpResponse&)> on_head = {};
    std::function<Status(ByteView)> on_data = {};
  };
  HttpRequest request_of(Verb verb) const;
  Result<HttpResponse> send(Verb verb);                              // any status but a busy one
  Result<HttpResponse> need(Verb verb, bool may_be_absent = false);  // 2xx
  std::string key_of(std::string_view name) const;

  S3Place place_;
  S3Keys keys_;
  HttpClient http_;
};

}  // namespace rootlet::platform
