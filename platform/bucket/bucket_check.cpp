#include "platform/bucket/bucket_check.hpp"

#include <set>

#include "core/limits.hpp"
#include "platform/bucket/bucket_parallel.hpp"
#include "platform/bucket/bucket_put.hpp"

namespace rootlet::platform {
namespace {

constexpr std::string_view kFirstRoot = "metadata/1.root.json";

// One connection's share of the check.
struct CheckLine {
  fs::path repository;
  S3Client client;
  const PlacedFiles* placed;
  const std::set<std::string>* waiting;
  BucketCheck found = {};

  Status check(const BucketFile& file) {
    const auto held = placed->find(file.path);
    if (waiting->contains(file.path)) return problem(file, "is not in the bucket yet");
    if (held == placed->end()) return ok();  // nothing that is published leads to it yet
    S3Digest wanted{held->second.digest, file.bytes};
    if (!file.content.has_value()) {
      ROOTLET_TRY(wanted, digest_of_file(repository / file.path));
    }
    ROOTLET_TRY(const std::optional<S3Digest> there,
                client.digest_of(file.path, limits::kSharedFileBytes));
    if (!there.has_value()) return problem(file, "is missing");
    ++found.files;
    found.bytes += there->bytes;
    if (there->digest == wanted.digest) return ok();
    return problem(file, "differs from what was published");
  }

  Status problem(const BucketFile& file, std::string_view what) {
    found.problems.push_back(file.path + ": " + std::string(what));
    broken.push_back(file.path);
    return ok();
  }

  std::vector<std::string> broken = {};
};

Status forget_broken(BucketRecord& record, const CheckLine& line) {
  for (const std::string& path : line.broken) {
    ROOTLET_TRY(record.forget(path));
  }
  return line.broken.empty() ? ok() : record.forget(kTimestampPath);
}

}  // namespace

Result<BucketCheck> check_bucket(const RealmFolder& folder, std::chrono::milliseconds wait) {
  ROOTLET_TRY(const FileLock lock, lock_bucket(folder.serving(), wait));
  ROOTLET_TRY(ServingHome home, ServingHome::open(folder.serving()));
  ROOTLET_TRY(const Bucket bucket, needed_bucket(home));
  ROOTLET_TRY(const S3Keys keys, load_s3_keys());
  ROOTLET_TRY(BucketRecord record,
              BucketRecord::open(bucket_record_of(folder.serving()), home.key()));
  ROOTLET_TRY(const auto placed, record.all());
  ROOTLET_TRY(const std::vector<BucketFile> published, read_published(folder, wait));
  std::set<std::string> waiting;
  for (const BucketFile& file : plan_bucket(published, placed).files) waiting.insert(file.path);
  std::vector<std::unique_ptr<CheckLine>> lines;
  for (std::size_t i = 0; i < kBucketConnections; ++i) {
    lines.push_back(std::make_unique<CheckLine>(
        CheckLine{folder.repository(), S3Client(bucket.place, keys), &placed, &waiting}));
  }
  ROOTLET_TRY(
      in_parallel(lines, std::span<const BucketFile>(published),
                  [](CheckLine& line, const BucketFile& file) { return line.check(file); }));
  BucketCheck sum;
  for (const auto& line : lines) {
    ROOTLET_TRY(forget_broken(record, *line));
    sum.files += line->found.files;
    sum.bytes += line->found.bytes;
    sum.requests += line->client.traffic().requests;
    sum.problems.insert(sum.problems.end(), line->found.problems.begin(),
                        line->found.problems.end());
  }
  return sum;
}

Status check_public_url(const RealmFolder& folder, const Bucket& bucket) {
  ROOTLET_TRY(const Bytes ours, read_file(folder.repository() / kFirstRoot, limits::kRootBytes));
  HttpClient http({.ca_file = bucket.place.ca_file});
  HttpRequest request;
  request.url = join_url(bucket.public_url, kFirstRoot);
  request.max_bytes = limits::kRootBytes;
  const Result<HttpResponse> answer = http.send(request);
  if (answer.has_value() && answer.value().status == 200 && answer.value().body == ours) {
    return ok();
  }
  const std::string why =
      answer.has_error() ? answer.error().message : "HTTP " + std::to_string(answer.value().status);
  return Error(ErrorCode::kUsage,
               "offices would not find this realm at " + request.url + ": " + why, {},
               {.en = "Nothing was announced to offices. Let everybody read the bucket's objects, "
                      "correct --repository-url, or, if offices reach it and this machine does "
                      "not, add --no-url-check.",
                .zh = "尚未通知各单位。请允许所有人读取存储桶对象，或更正 --repository-url；"
                      "若仅本机无法访问，请加 --no-url-check。"});
}

}  // namespace rootlet::platform
