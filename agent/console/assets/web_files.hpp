// The console's files inside the program (web_files.cmake), as answers of HTTP: which file, in
// which coding a client takes it (RFC 9110, 12.5.3), and whether it has it already (13.1.2). Pure.
#pragma once

#include <span>
#include <string_view>

#include "sync/wire/server/handler.hpp"

namespace rootlet::agent {

struct WebFile {
  // Bytes of the block of all files. Length 0: the file has no such form.
  struct Place {
    std::size_t from = 0, length = 0;
  };
  std::string_view path;  // "/console/assets/index-Ab12.js"
  std::string_view type;
  std::string_view tag;       // of its content; part of the ETag
  bool lasts;                 // another content has another path
  std::size_t whole_bytes;    // not compressed
  Place whole, gzip, brotli;  // either `whole` or both others, unless the file is empty
};

enum class WebCoding { kWhole, kGzip, kBrotli };

// What to send of a file that has all codings. A field that allows none of them, or "", gives
// kWhole, which every client reads.
WebCoding choose_coding(std::string_view accept_encoding);

class WebFiles {
 public:
  // `files` in the order of their paths; both must outlive this.
  WebFiles(std::span<const WebFile> files, ByteView bytes) : files_(files), bytes_(bytes) {}

  const WebFile* find(std::string_view path) const;
  // 200 or 304. kInternal if the block is damaged.
  Result<http::Reply> answer(const WebFile& file, const http::RequestHead& head) const;

 private:
  ByteView bytes_of(const WebFile::Place& place) const {
    return bytes_.subspan(place.from, place.length);
  }
  Result<Bytes> body(const WebFile& file, WebCoding coding) const;

  std::span<const WebFile> files_;
  ByteView bytes_;
};

// Those of this program: its index page is "/console/index.html"; none was built in if find() has
// nothing there.
const WebFiles& console_web_files();

}  // namespace rootlet::agent
