// A repository in memory whose server can be honest, cut, lie, stall or lack ranges.
#pragma once

#include <map>
#include <set>
#include <string>

#include "sync/downlink/fetch/file_source.hpp"
#include "tests/support/support.hpp"

namespace rootlet::test {

class MemorySource final : public FileSource {
 public:
  std::map<std::string, Bytes> files;
  std::vector<std::string> asked;  // path, in order
  std::map<std::string, std::vector<std::pair<std::uint64_t, std::uint64_t>>> sent;  // [from, to)
  std::set<std::string> missing;
  // What a lying server sends for a part of a file that begins at an offset.
  std::map<std::pair<std::string, std::uint64_t>, Bytes> instead;
  std::size_t cut_after = 0;  // bytes of each answer after which the link breaks; 0: never
  bool has_ranges = true;
  bool lies_about_start = false;  // sends another part than it was asked for
  std::size_t piece = 1000;

  Result<FileReply> get(const FileRequest& request) override {
    asked.push_back(request.path);
    traffic_.requests += 1;
    traffic_.bytes_up += 100;
    const auto found = files.find(request.path);
    if (found == files.end() || missing.contains(request.path)) return FileReply{};
    const std::string etag = '"' + to_hex(sha256(found->second)).substr(0, 16) + '"';
    if (!request.if_none_match.empty() && request.if_none_match == etag) {
      return FileReply{FetchState::kNotModified, etag};
    }
    const auto lie = instead.find({request.path, request.from});
    if (lie != instead.end()) {
      if (request.on_start) {
        ROOTLET_TRY(request.on_start(request.from));
      }
      ROOTLET_TRY(request.on_data(lie->second));
      return FileReply{FetchState::kFetched, etag};
    }
    ROOTLET_TRY(send(request, found->second));
    return FileReply{FetchState::kFetched, etag};
  }
  Traffic traffic() const override { return traffic_; }

  std::size_t times_asked(const std::string& path) const {
    return static_cast<std::size_t>(std::count(asked.begin(), asked.end(), path));
  }
  std::uint64_t bytes_sent(const std::string& path) const {
    std::uint64_t sum = 0;
    const auto found = sent.find(path);
    if (found == sent.end()) return 0;
    for (const auto& [from, to] : found->second) sum += to - from;
    return sum;
  }
  void forget() {
    asked.clear();
    sent.clear();
  }

 private:
  Status send(const FileRequest& request, const Bytes& file) {
    if (has_ranges && request.from > 0 && request.from >= file.size()) {
      return fail(ErrorCode::kUntrusted, "no such range");
    }
    std::uint64_t at = has_ranges ? request.from : 0;
    const std::uint64_t end =
        has_ranges ? std::min<std::uint64_t>(request.to, file.size()) : file.size();
    if (end - at > request.file_bytes) return fail(ErrorCode::kUntrusted, "too large");
    if (request.on_start) {
      ROOTLET_TRY(request.on_start(at));
    }
    if (lies_about_start && at > 0) at -= 1;
    const std::uint64_t began = at;
    while (at < end) {
      if (cut_after > 0 && at - began >= cut_after) {
        return fail(ErrorCode::kUnreachable, "cut");
      }
      std::uint64_t count = std::min<std::uint64_t>(piece, end - at);
      if (cut_after > 0) count = std::min<std::uint64_t>(count, cut_after - (at - began));
      traffic_.bytes_down += count;
      sent[request.path].emplace_back(at, at + count);
      ROOTLET_TRY(request.on_data(ByteView(file).subspan(at, count)));
      at += count;
    }
    return ok();
  }
  Traffic traffic_;
};

}  // namespace rootlet::test
