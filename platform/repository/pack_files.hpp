// The files of packs. Packs of one publish lie one behind the other in a file for each group of
// divisions (docs/FORMATS.md, "Directory"); a file's number is used by one run only.
//
// What is appended survives a power cut only after flush(). A file is written by one run and never
// again, so while its stamp stays the same, nobody has changed it. One thread.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "core/file/file.hpp"
#include "platform/realm/registry.hpp"

namespace rootlet::platform {

class PackFiles {
 public:
  explicit PackFiles(fs::path repository) : repository_(std::move(repository)) {}

  // Returns where in the file `bytes` begin. The first call for a path makes the file anew: what
  // lies there is of a run that was killed before its commit.
  Result<std::uint64_t> append(const std::string& path_in_repository, ByteView bytes);
  Status flush();  // all written files are on disk when it returns
  Status remove(const std::string& path_in_repository);

  // Inode, size and change time; empty if there is no such file.
  std::string stamp_of(const std::string& path_in_repository) const;
  // kStorage if the file is too short.
  Result<Bytes> read(const std::string& path_in_repository, std::uint64_t offset,
                     std::uint64_t bytes) const;
  // kUntrusted or kStorage unless the file holds, byte for byte, what was published.
  Status check(const PackEntry& pack) const;

 private:
  fs::path repository_;
  std::map<std::string, std::uint64_t> written_;  // bytes, by path
};

// Below the repository.
std::string path_of_file(const PackFileEntry& file);
std::string path_of_file(const PackEntry& pack);

// The packs of a dataset's files that were changed since their stamp, and are damaged.
struct PackFilesReview {
  // Live ones. Packs of one stream, file, `to` and `from` are the same.
  struct IsBefore {
    bool operator()(const PackEntry& one, const PackEntry& other) const;
  };
  std::set<PackEntry, IsBefore> damaged;
  std::vector<PackFileEntry> restamped;  // with their stamp of now: what is left of them is sound
};
Result<PackFilesReview> review_pack_files(Registry& registry, const PackFiles& files,
                                          std::string_view dataset);

}  // namespace rootlet::platform
