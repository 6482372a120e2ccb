// What offices read first (docs/FORMATS.md, "News"): the newest metadata and the nodes from the
// root to one division, in one file, so that a sync learns in one request what it would otherwise
// fetch file by file. Only a copy: every file in it is checked as if it had been fetched alone.
// Pure.
#pragma once

#include <map>
#include <string>

#include "core/bytes.hpp"
#include "core/result.hpp"

namespace rootlet {

struct News {
  std::int64_t root_version = 0;  // of the newest root; the server has none above it
  // By name: "timestamp.json", "12.snapshot.json", "3.directory.json", and packs of nodes by their
  // stream, "directory/33".
  std::map<std::string, Bytes, std::less<>> files;
};

// kInternal above limits::kNewsBytes.
Result<Bytes> encode_news(const News& news);
Result<News> parse_news(ByteView file);  // kUntrusted

}  // namespace rootlet
