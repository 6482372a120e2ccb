// What lies in the bucket, as far as this realm has put it there. Only a memory: without it, or
// with one that is too old, files are sent again. One thread, but for save(), which several may
// call.
#pragma once

#include <map>
#include <mutex>
#include <vector>

#include "core/file/file.hpp"
#include "storage/database.hpp"

namespace rootlet::platform {

struct Placed {
  std::string stamp;  // of the file in the folder when it was last read
  Hash256 digest{};   // PieceDigest of the bytes
};

using PlacedFiles = std::map<std::string, Placed>;  // by path

struct BegunUpload {
  std::string path, id;
};

class BucketRecord {
 public:
  static Result<BucketRecord> open(const fs::path& file, const SymmetricKey& key);

  Result<PlacedFiles> all();
  Status save(const std::string& path, const Placed& placed);
  Status forget(const std::string& path);

  // Uploads in parts that have begun and are not known to have ended.
  Status note_upload(const BegunUpload& upload);
  Status forget_upload(const std::string& id);
  Result<std::vector<BegunUpload>> uploads();

 private:
  explicit BucketRecord(Database database)
      : database_(std::move(database)), mutex_(std::make_unique<std::mutex>()) {}
  Database database_;
  std::unique_ptr<std::mutex> mutex_;
};

}  // namespace rootlet::platform
