// One connection to the bucket: puts files of the folder, in parts if they are large, removes
// objects, and notes each in the record. One thread.
#pragma once

#include "platform/bucket/bucket_plan.hpp"
#include "platform/bucket/bucket_update.hpp"
#include "platform/s3/s3_client.hpp"

namespace rootlet::platform {

// What clients and caches learn of a published file beside its bytes: as the gateway says it.
S3Fields fields_of(std::string_view path);

// The digest of a file's bytes. kStorage if it cannot be read.
Result<S3Digest> digest_of_file(const fs::path& file);

class BucketPut {
 public:
  BucketPut(fs::path repository, const S3Place& place, const S3Keys& keys, BucketRecord& record)
      : repository_(std::move(repository)),
        part_bytes_(place.part_bytes),
        client_(place, keys),
        record_(record) {}

  Status put(const BucketFile& file);
  Status remove(const std::string& path);
  Status abort(const BegunUpload& upload);
  void add_to(BucketReport& report) const;

 private:
  Status note_intent(const BucketFile& file);
  Status put_whole(const BucketFile& file, Bytes bytes, const Hash256& digest);
  Status put_in_parts(const BucketFile& file);
  Status put_parts(const BucketFile& file, const BegunUpload& upload);

  fs::path repository_;
  std::size_t part_bytes_;
  S3Client client_;
  BucketRecord& record_;
  BucketReport done_;
};

// Notes what lies in the bucket already, when the record knows nothing. kUsage if the bucket holds
// another realm's files, or files of no realm under names that this one would use.
Status adopt_bucket(const RealmFolder& folder, const S3Place& place, const S3Keys& keys,
                    BucketRecord& record);

}  // namespace rootlet::platform
