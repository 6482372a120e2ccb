// What an S3 server answers in XML. Pure; the answers are small and flat, and only a few texts of
// them matter, so they are found by their tags.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace rootlet::platform {

struct S3Object {
  std::string name;  // as listed, with the prefix
  std::string etag;  // with its quotation marks
  std::uint64_t bytes = 0;
};

struct S3Page {
  std::vector<S3Object> objects;
  std::string next;  // the token of the next page; empty: the last one
};

// The text of the first element of this name, its entities decoded.
std::optional<std::string> xml_text(std::string_view xml, std::string_view element);
// Of ListObjectsV2. kUntrusted if it is no such answer.
Result<S3Page> parse_s3_page(std::string_view xml);
// "SlowDown" of an error, "" if there is none.
std::string s3_error_code(std::string_view xml);

}  // namespace rootlet::platform
