// The folder of unfinished downloads. Each file in it is the beginning of one pack and named by a
// hash. Downloads resume from it, also after kill -9 or a power cut. It holds
// ciphertext only, and nothing in it is trusted before its hashes are checked.
#pragma once

#include <functional>
#include <set>
#include <vector>

#include "core/file/file.hpp"
#include "sync/downlink/fetch/file_source.hpp"
#include "sync/downlink/store/dataset_store.hpp"

namespace rootlet {

// Called with the size of each piece that arrives.
using ByteCount = std::function<void(std::uint64_t bytes)>;

struct TransferContext {
  StopCheck should_stop = {};
  ByteCount on_bytes = {};
};

// A file of the repository, or a part of one: packs of one publish lie together.
struct StagedFile {
  std::string name;              // in the staging folder: a hash in hex
  std::string path;              // in the repository
  std::uint64_t file_bytes = 0;  // of the file or part
  std::uint64_t offset = 0;      // where it begins in the file at `path`
};

class Staging {
 public:
  explicit Staging(fs::path folder) : folder_(std::move(folder)) {}

  Status prepare() const { return make_private_directory(folder_); }
  fs::path path_of(const StagedFile& file) const { return folder_ / (file.name + ".part"); }
  std::uint64_t bytes_of(const StagedFile& file) const;  // 0 if there is none
  Status remove(const StagedFile& file) const { return remove_file(path_of(file)); }
  // Removes every other file: parts of packs that the plan no longer needs.
  Status keep_only(const std::set<std::string>& names) const;

  // Downloads the first `want` bytes of `file`, starting after the bytes of an earlier try. Resumes
  // at once, a few times, after a cut that brought some bytes. After any error, also kStorageFull,
  // what arrived is kept: on a metered link it was paid for.
  Status fetch(FileSource& source, const StagedFile& file, std::uint64_t want,
               const TransferContext& context) const;

  // Downloads several parts of one file in one request: `files` have the same path, ascend without
  // overlap, and nothing of them is staged. What lies between them is dropped. After any error what
  // arrived is kept, so that fetch() goes on from there.
  Status fetch_together(FileSource& source, const std::vector<StagedFile>& files,
                        const TransferContext& context) const;

 private:
  Status fetch_once(FileSource& source, const StagedFile& file, std::uint64_t want,
                    const TransferContext& context) const;
  fs::path folder_;
};

}  // namespace rootlet
