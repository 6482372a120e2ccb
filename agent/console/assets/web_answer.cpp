#include <zlib.h>

#include <algorithm>
#include <charconv>

#include "agent/console/assets/web_files.hpp"

namespace rootlet::agent {
namespace {

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

// The first part of `list` up to `mark`; `list` keeps the rest.
std::string_view take_part(std::string_view& list, char mark) {
  const std::size_t end = std::min(list.find(mark), list.size());
  const std::string_view part = trimmed(list.substr(0, end));
  list.remove_prefix(std::min(end + 1, list.size()));
  return part;
}

// "gzip;q=0.5": 0.5; without a weight, or with one that is none, 1.
double weight_of(std::string_view parameters) {
  while (!parameters.empty()) {
    std::string_view one = take_part(parameters, ';');
    if (!one.starts_with("q=") && !one.starts_with("Q=")) continue;
    one.remove_prefix(2);
    double weight = 1;
    const auto [end, problem] = std::from_chars(one.data(), one.data() + one.size(), weight);
    return problem == std::errc() && end == one.data() + one.size() ? weight : 1;
  }
  return 1;
}

bool names_tag(std::string_view list, std::string_view tag) {
  while (!list.empty()) {
    std::string_view one = take_part(list, ',');
    if (one.starts_with("W/")) one.remove_prefix(2);
    if (one == tag || one == "*") return true;
  }
  return false;
}

std::string_view name_of(WebCoding coding) {
  if (coding == WebCoding::kBrotli) return "br";
  return coding == WebCoding::kGzip ? "gzip" : "";
}

// Different bytes have different tags, so a file has one for each coding.
std::string etag_of(const WebFile& file, WebCoding coding) {
  const std::string_view name = name_of(coding);
  return "\"" + std::string(file.tag) + (name.empty() ? "" : "-") + std::string(name) + "\"";
}

Result<Bytes> unpacked(ByteView packed, std::size_t bytes) {
  Bytes out(bytes);
  z_stream stream{};
  constexpr int kGzipOnly = 16;
  if (::inflateInit2(&stream, MAX_WBITS + kGzipOnly) != Z_OK) {
    return fail(ErrorCode::kInternal, "a file of the console: no memory to unpack it");
  }
  stream.next_in = const_cast<Bytef*>(packed.data());  // zlib's C interface; it only reads
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  const int ended = ::inflate(&stream, Z_FINISH);
  const bool whole = ended == Z_STREAM_END && stream.total_out == bytes;
  ::inflateEnd(&stream);
  if (!whole) return fail(ErrorCode::kInternal, "a file of the console does not unpack");
  return out;
}

}  // namespace

WebCoding choose_coding(std::string_view accept_encoding) {
  double gzip = -1, brotli = -1, any = -1;
  while (!accept_encoding.empty()) {
    std::string_view item = take_part(accept_encoding, ',');
    const std::string_view name = take_part(item, ';');
    const double weight = weight_of(item);
    if (http::equal_ignoring_case(name, "gzip")) gzip = weight;
    if (http::equal_ignoring_case(name, "x-gzip")) gzip = weight;
    if (http::equal_ignoring_case(name, "br")) brotli = weight;
    if (name == "*") any = weight;
  }
  if (gzip < 0) gzip = any;
  if (brotli < 0) brotli = any;
  if (brotli > 0 && brotli >= gzip) return WebCoding::kBrotli;
  return gzip > 0 ? WebCoding::kGzip : WebCoding::kWhole;
}

const WebFile* WebFiles::find(std::string_view path) const {
  const auto at = std::ranges::lower_bound(files_, path, {}, &WebFile::path);
  return at != files_.end() && at->path == path ? &*at : nullptr;
}

Result<Bytes> WebFiles::body(const WebFile& file, WebCoding coding) const {
  if (coding == WebCoding::kBrotli) return to_bytes(bytes_of(file.brotli));
  if (coding == WebCoding::kGzip) return to_bytes(bytes_of(file.gzip));
  if (file.gzip.length == 0) return to_bytes(bytes_of(file.whole));
  return unpacked(bytes_of(file.gzip), file.whole_bytes);
}

Result<http::Reply> WebFiles::answer(const WebFile& file, const http::RequestHead& head) const {
  const bool has_codings = file.gzip.length > 0;
  const WebCoding coding =
      has_codings ? choose_coding(head.field("accept-encoding")) : WebCoding::kWhole;
  const std::string etag = etag_of(file, coding);
  http::Reply reply;
  reply.fields = {
      {"ETag", etag},
      {"Cache-Control", file.lasts ? "public, max-age=31536000, immutable" : "no-cache"}};
  if (has_codings) reply.fields.push_back({"Vary", "Accept-Encoding"});
  if (names_tag(head.field("if-none-match"), etag)) {
    reply.status = 304;
    return reply;
  }
  reply.fields.push_back({"Content-Type", std::string(file.type)});
  if (coding != WebCoding::kWhole) {
    reply.fields.push_back({"Content-Encoding", std::string(name_of(coding))});
  }
  ROOTLET_TRY(Bytes bytes, body(file, coding));
  reply.body = std::move(bytes);
  return reply;
}

}  // namespace rootlet::agent
