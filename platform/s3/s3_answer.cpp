#include "platform/s3/s3_answer.hpp"

#include <algorithm>
#include <charconv>

namespace rootlet::platform {
namespace {

constexpr std::size_t kCodeBytes = 64;  // of an error's name

constexpr std::pair<std::string_view, char> kEntities[] = {{"&amp;", '&'}, {"&lt;", '<'},
                                                           {"&gt;", '>'},  {"&quot;", '"'},
                                                           {"&#34;", '"'}, {"&apos;", '\''}};

std::string decode(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto* entity = std::ranges::find_if(
        kEntities, [&](const auto& one) { return text.starts_with(one.first); });
    const bool is_found = entity != std::end(kEntities);
    out.push_back(is_found ? entity->second : text.front());
    text.remove_prefix(is_found ? entity->first.size() : 1);
  }
  return out;
}

// What lies between <element> or <element …> and </element>, and where it ends.
struct Inner {
  std::string_view text;
  std::size_t end = 0;
};

std::optional<Inner> inner_of(std::string_view xml, std::string_view element, std::size_t from) {
  const std::string open = "<" + std::string(element), close = "</" + std::string(element) + ">";
  for (std::size_t at = xml.find(open, from); at != std::string_view::npos;
       at = xml.find(open, at + 1)) {
    const std::size_t begin = at + open.size();
    if (begin >= xml.size() || (xml[begin] != '>' && xml[begin] != ' ')) continue;
    const std::size_t start = xml.find('>', begin);
    const std::size_t end = start == std::string_view::npos ? start : xml.find(close, start);
    if (end == std::string_view::npos) return std::nullopt;
    return Inner{xml.substr(start + 1, end - start - 1), end + close.size()};
  }
  return std::nullopt;
}

Result<S3Object> parse_object(std::string_view xml) {
  S3Object object;
  object.name = xml_text(xml, "Key").value_or("");
  object.etag = xml_text(xml, "ETag").value_or("");
  const std::string size = xml_text(xml, "Size").value_or("");
  const auto read = std::from_chars(size.data(), size.data() + size.size(), object.bytes);
  if (object.name.empty() || read.ec != std::errc{}) {
    return fail(ErrorCode::kUntrusted, "the list names an object without name or size");
  }
  return object;
}

}  // namespace

std::optional<std::string> xml_text(std::string_view xml, std::string_view element) {
  const std::optional<Inner> found = inner_of(xml, element, 0);
  return found ? std::optional(decode(found->text)) : std::nullopt;
}

Result<S3Page> parse_s3_page(std::string_view xml) {
  if (!inner_of(xml, "ListBucketResult", 0)) {
    return fail(ErrorCode::kUntrusted, "the answer is no list of objects");
  }
  S3Page page;
  for (auto at = inner_of(xml, "Contents", 0); at; at = inner_of(xml, "Contents", at->end)) {
    ROOTLET_TRY(S3Object object, parse_object(at->text));
    page.objects.push_back(std::move(object));
  }
  if (xml_text(xml, "IsTruncated") == "true") {
    page.next = xml_text(xml, "NextContinuationToken").value_or("");
    if (page.next.empty()) {
      return fail(ErrorCode::kUntrusted, "the list is cut and does not say how it goes on");
    }
  }
  return page;
}

std::string s3_error_code(std::string_view xml) {
  const std::optional<Inner> error = inner_of(xml, "Error", 0);
  std::string code = error ? xml_text(error->text, "Code").value_or("") : std::string();
  const bool is_word =
      code.size() <= kCodeBytes && std::ranges::all_of(code, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      });
  return is_word ? code : std::string();
}

}  // namespace rootlet::platform
