// Where a bucket is, and the keys to it. Keys come from the environment, a file or a systemd
// credential, never from a command line, and are never saved.
#pragma once

#include <string>
#include <string_view>

#include "core/result.hpp"

namespace rootlet::platform {

inline constexpr std::string_view kS3KeyFileVariable = "ROOTLET_S3_KEY_FILE";
inline constexpr std::string_view kS3KeyCredential = "rootlet-s3-key";

struct S3Place {
  std::string bucket;
  std::string prefix = {};  // "" or "a/b", without slashes at its ends
  std::string endpoint;     // "https://s3.example", without path
  std::string region = "us-east-1";
  std::string ca_file = {};             // PEM; empty: the system's store
  std::size_t part_bytes = 8ULL << 20;  // of a large file; files up to twice that go in one piece

  std::string text() const { return "s3://" + bucket + (prefix.empty() ? "" : "/" + prefix); }
  bool operator==(const S3Place&) const = default;
};

// "s3://BUCKET/PREFIX". kBadInput that names the field: only letters, digits, '.', '-', '_' and
// '/', so that a name never needs encoding.
Result<S3Place> parse_s3_place(std::string_view address, std::string_view endpoint,
                               std::string_view region);

struct S3Keys {
  std::string id, secret;
};

// From the file that ROOTLET_S3_KEY_FILE names or the systemd credential rootlet-s3-key (two lines:
// id, secret), else from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. kUsage without any.
Result<S3Keys> load_s3_keys();

}  // namespace rootlet::platform
