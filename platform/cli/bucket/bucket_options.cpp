#include "platform/cli/bucket/bucket_options.hpp"

#include "config/units.hpp"
#include "core/limits.hpp"
#include "platform/office/realm_init.hpp"

namespace rootlet::platform {
namespace {

// What S3 servers allow, and what four connections may hold in memory.
constexpr std::uint64_t kLeastPartBytes = 64'000, kMostPartBytes = 256 * limits::kMiB;

Result<std::size_t> part_bytes_of(const Arguments& arguments) {
  if (!arguments.has("s3-part-bytes")) return S3Place().part_bytes;
  ROOTLET_TRY(const std::uint64_t bytes, parse_byte_count(arguments.value("s3-part-bytes")));
  if (bytes >= kLeastPartBytes && bytes <= kMostPartBytes) return static_cast<std::size_t>(bytes);
  return bad_input("s3-part-bytes: from 64k to 256M", "s3-part-bytes");
}

}  // namespace

std::vector<OptionSpec> bucket_options() {
  return {{.name = "repository",
           .value_name = "PLACE",
           .help = {.en = "s3://BUCKET/PREFIX; `folder` for the realm's own folder",
                    .zh = "s3://BUCKET/PREFIX；folder 表示域自己的目录"}},
          {.name = "s3-endpoint",
           .value_name = "URL",
           .help = {.en = "the S3 server, such as https://s3.example",
                    .zh = "S3 服务器地址，如 https://s3.example"}},
          {.name = "s3-region",
           .value_name = "NAME",
           .help = {.en = "its region (us-east-1)", .zh = "区域（默认 us-east-1）"}},
          {.name = "s3-ca",
           .value_name = "FILE",
           .help = {.en = "PEM authority of the server; else the system's",
                    .zh = "服务器证书颁发机构（PEM）；默认使用系统证书"},
           .type = ValueType::kFile},
          {.name = "s3-part-bytes",
           .value_name = "BYTES",
           .help = {.en = "of each part of a large file (8M); files up to twice that go in one",
                    .zh = "大文件分段大小（默认 8M）；不超过两倍的文件整体上传"}},
          {.name = "repository-url",
           .value_name = "URL",
           .help = {.en = "where offices fetch: the bucket's or a cache's public URL "
                          "(ENDPOINT/BUCKET/PREFIX)",
                    .zh = "各单位的下载地址：存储桶或缓存的公开地址（默认 "
                          "ENDPOINT/BUCKET/PREFIX）"}},
          {.name = "no-url-check",
           .help = {.en = "although this machine does not reach that URL",
                    .zh = "本机无法访问该地址时使用"}}};
}

Result<Bucket> bucket_of(const Arguments& arguments) {
  Bucket bucket;
  ROOTLET_TRY(bucket.place,
              parse_s3_place(arguments.value("repository"), arguments.value("s3-endpoint"),
                             arguments.value("s3-region")));
  ROOTLET_TRY(bucket.place.part_bytes, part_bytes_of(arguments));
  if (arguments.has("s3-ca")) {
    std::error_code failed;
    bucket.place.ca_file = fs::absolute(arguments.value("s3-ca"), failed).string();
  }
  bucket.public_url = arguments.value(
      "repository-url", bucket.place.endpoint + "/" + bucket.place.bucket +
                            (bucket.place.prefix.empty() ? "" : "/" + bucket.place.prefix));
  ROOTLET_TRY(check_url(bucket.public_url, "repository-url"));
  return bucket;
}

}  // namespace rootlet::platform
