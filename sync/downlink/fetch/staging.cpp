// Appends to part files and never beyond the requested size.
#include "sync/downlink/fetch/staging.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "core/file/descriptor.hpp"
#include "core/limits.hpp"

namespace rootlet {
namespace {

constexpr int kCutsInARow = 32;  // of one file, each after at least one byte

class PartFile {
 public:
  static Result<PartFile> open(const fs::path& path) {
    UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    if (!file.is_open()) return errno_error("open", path);
    return PartFile(path, std::move(file));
  }

  Status start_at(std::uint64_t offset) {
    const auto position = static_cast<off_t>(offset);
    if (::ftruncate(file_.get(), position) != 0) return errno_error("cut", path_);
    if (::lseek(file_.get(), position, SEEK_SET) != position) return errno_error("seek in", path_);
    size_ = offset;
    return ok();
  }

  Status append(ByteView bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::write(file_.get(), bytes.data(), bytes.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return errno_error("write", path_);
      bytes = bytes.subspan(static_cast<std::size_t>(count));
      size_ += static_cast<std::uint64_t>(count);
    }
    return ok();
  }
  std::uint64_t size() const { return size_; }

 private:
  PartFile(fs::path path, UniqueFd file) : path_(std::move(path)), file_(std::move(file)) {}
  fs::path path_;
  UniqueFd file_;
  std::uint64_t size_ = 0;
};

// Gives each piece of a file to the parts that it belongs to.
class PartSplitter {
 public:
  PartSplitter(const Staging& staging, const std::vector<StagedFile>& files)
      : staging_(staging), files_(files) {}

  void start_at(std::uint64_t offset) { at_ = offset; }

  Status take(ByteView piece) {
    while (!piece.empty() && next_ < files_.size()) {
      const StagedFile& file = files_[next_];
      const std::uint64_t gap = file.offset > at_ ? file.offset - at_ : 0;
      const auto skipped = static_cast<std::size_t>(std::min<std::uint64_t>(gap, piece.size()));
      at_ += skipped;
      piece = piece.subspan(skipped);
      if (piece.empty()) break;
      const std::uint64_t left = file.offset + file.file_bytes - at_;
      const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left, piece.size()));
      ROOTLET_TRY(append(file, piece.first(count)));
      at_ += count;
      piece = piece.subspan(count);
      if (count == left) ++next_, part_.reset();
    }
    // More comes only from a server without ranges.
    return piece.empty() ? ok() : Status(fail(ErrorCode::kUnreachable, "no more is wanted"));
  }
  bool is_done() const { return next_ == files_.size(); }

 private:
  Status append(const StagedFile& file, ByteView bytes) {
    if (!part_.has_value()) {
      ROOTLET_TRY(PartFile part, PartFile::open(staging_.path_of(file)));
      part_.emplace(std::move(part));
      ROOTLET_TRY(part_->start_at(0));
    }
    return part_->append(bytes);
  }

  const Staging& staging_;
  const std::vector<StagedFile>& files_;
  std::size_t next_ = 0;
  std::uint64_t at_ = 0;  // in the file
  std::optional<PartFile> part_;
};

Error stopped(const StagedFile& file) {
  return fail(ErrorCode::kUnreachable, "fetch " + file.path + ": stopped");
}

bool should_stop(const TransferContext& context) {
  return context.should_stop && context.should_stop();
}

}  // namespace

std::uint64_t Staging::bytes_of(const StagedFile& file) const {
  std::error_code missing;
  const std::uintmax_t size = fs::file_size(path_of(file), missing);
  return missing ? 0 : size;
}

Status Staging::keep_only(const std::set<std::string>& names) const {
  std::error_code error;
  std::vector<fs::path> leftovers;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder_, error)) {
    if (!names.contains(entry.path().stem().string())) leftovers.push_back(entry.path());
  }
  for (const fs::path& path : leftovers) {
    ROOTLET_TRY(remove_file(path));
  }
  return ok();
}

Status Staging::fetch(FileSource& source, const StagedFile& file, std::uint64_t want,
                      const TransferContext& context) const {
  if (bytes_of(file) > file.file_bytes) {
    ROOTLET_TRY(remove(file));  // longer than the file: wrong bytes
  }
  for (int cuts = 0;; ++cuts) {
    const std::uint64_t before = bytes_of(file);
    if (before >= want) return ok();
    if (should_stop(context)) return stopped(file);
    const Status fetched = fetch_once(source, file, want, context);
    const std::uint64_t after = bytes_of(file);
    if (after >= want) return ok();  // a server without ranges went on behind it
    const bool goes_on =
        after > before && cuts < kCutsInARow && source.may_resume() && !should_stop(context);
    const bool is_cut = fetched.has_value() || fetched.error().code == ErrorCode::kUnreachable;
    if (is_cut && goes_on) continue;
    if (fetched.has_value()) return fail(ErrorCode::kUnreachable, file.path + ": cut short");
    return fetched;
  }
}

Status Staging::fetch_together(FileSource& source, const std::vector<StagedFile>& files,
                               const TransferContext& context) const {
  PartSplitter splitter(*this, files);
  FileRequest request;
  request.path = files.front().path;
  request.from = files.front().offset;
  request.to = files.back().offset + files.back().file_bytes;
  request.file_bytes = limits::kSharedFileBytes;
  request.on_start = [&](std::uint64_t offset) {
    splitter.start_at(offset);
    return ok();
  };
  request.on_data = [&](ByteView piece) -> Status {
    if (should_stop(context)) return stopped(files.front());
    if (context.on_bytes) context.on_bytes(piece.size());
    return splitter.take(piece);
  };
  const Result<FileReply> reply = source.get(request);
  if (splitter.is_done()) return ok();
  if (reply.has_error()) return reply.error();
  return fail(ErrorCode::kUnreachable, request.path + ": cut short");
}

Status Staging::fetch_once(FileSource& source, const StagedFile& file, std::uint64_t want,
                           const TransferContext& context) const {
  const std::uint64_t have = bytes_of(file);
  FileRequest request;
  request.path = file.path;
  request.from = file.offset + have;
  request.to = file.offset + want;
  request.file_bytes = limits::kSharedFileBytes;
  ROOTLET_TRY(PartFile part, PartFile::open(path_of(file)));
  std::uint64_t skip = 0;  // bytes before the part, from a server without ranges
  request.on_start = [&](std::uint64_t offset) {
    skip = offset == request.from ? 0 : file.offset;
    return part.start_at(offset == request.from ? have : 0);
  };
  request.on_data = [&](ByteView piece) -> Status {
    if (should_stop(context)) return stopped(file);
    const auto skipped = static_cast<std::size_t>(std::min<std::uint64_t>(skip, piece.size()));
    skip -= skipped;
    piece = piece.subspan(skipped);
    const std::uint64_t room = want - std::min(want, part.size());
    const ByteView wanted =
        piece.first(static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), room)));
    ROOTLET_TRY(part.append(wanted));
    if (context.on_bytes) context.on_bytes(wanted.size());
    if (wanted.size() < piece.size()) return fail(ErrorCode::kUnreachable, "no more is wanted");
    return ok();
  };
  ROOTLET_TRY(const FileReply reply, source.get(request));
  if (reply.state == FetchState::kFetched) return ok();
  return fail(ErrorCode::kUnreachable, file.path + ": the repository does not have it");
}

}  // namespace rootlet
