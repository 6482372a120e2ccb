// Writes many files of the repository at the cost of two flushes: all under temporary names, then a
// flush, then their renames, then a flush. After a power cut each file has its old content or its
// new, never a part; which of the files are new is not said. A file that has the same bytes already
// stays untouched, so that its ETag stays. One thread.
#pragma once

#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "core/file/file.hpp"

namespace rootlet::platform {

class FileBatch {
 public:
  explicit FileBatch(fs::path repository) : repository_(std::move(repository)) {}
  Status write(const std::string& path_in_repository, ByteView bytes);
  Status finish();  // nothing is visible before

 private:
  Status flush() const;
  fs::path repository_;
  std::vector<fs::path> written_;  // without the ending of the temporary name
};

}  // namespace rootlet::platform
