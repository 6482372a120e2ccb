// The console's files as answers: codings, tags, caches.
#include "agent/console/assets/web_files.hpp"

#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using namespace rootlet::test;
using namespace std::string_literals;

namespace {

const std::string kScript = "console.log(1)\nconsole.log(1)\nconsole.log(1)\n";
// `kScript` by gzip, then what stands for brotli, then a picture.
const std::string kGzip =
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x4b\xce\xcf\x2b\xce\xcf\x49\xd5\xcb\xc9\x4f\xd7\x30\xd4\xe4\x4a\xc6\xcb\x05\x00\x8b\xd4\x26\xb5\x2d\x00\x00\x00"s;
const std::string kBlock = kGzip + "brotli" + "picture";

const WebFile kFiles[] = {
    {"/console/assets/a-1.js",
     "text/javascript; charset=utf-8",
     "tagA",
     true,
     45,
     {},
     {0, kGzip.size()},
     {kGzip.size(), 6}},
    {"/console/icon.png", "image/png", "tagP", false, 7, {kGzip.size() + 6, 7}, {}, {}},
};
const WebFiles kAll(kFiles, as_bytes(kBlock));

http::Reply answer_of(const char* path, std::string_view accept, std::string_view tags = "") {
  http::RequestHead head{.method = "GET", .target = path};
  if (!accept.empty()) head.fields.push_back({"Accept-Encoding", accept});
  if (!tags.empty()) head.fields.push_back({"If-None-Match", tags});
  const WebFile* file = kAll.find(path);
  REQUIRE(file != nullptr);
  return must(kAll.answer(*file, head));
}

std::string field_of(const http::Reply& reply, std::string_view name) {
  for (const http::Field& field : reply.fields) {
    if (field.name == name) return field.value;
  }
  return "";
}

std::string body_of(const http::Reply& reply) {
  return std::string(as_text(std::get<Bytes>(reply.body)));
}

}  // namespace

TEST_CASE("console files: the coding is what the client prefers, and whole if it takes none") {
  using enum WebCoding;
  for (const auto& [accept, coding] :
       std::vector<std::pair<std::string, WebCoding>>{{"", kWhole},
                                                      {"gzip, deflate, br", kBrotli},
                                                      {"gzip", kGzip},
                                                      {"GZIP;q=0.8, br;q=0.5", kGzip},
                                                      {"br;q=0, gzip", kGzip},
                                                      {"br; q=0.000 , gzip ;q=0", kWhole},
                                                      {"*", kBrotli},
                                                      {"*;q=0.1, br;q=0", kGzip},
                                                      {"identity", kWhole},
                                                      {"brotli, gzipped", kWhole},
                                                      {"gzip;q=abc", kGzip},
                                                      {",,;;,q=", kWhole}}) {
    CAPTURE(accept);
    CHECK(choose_coding(accept) == coding);
  }
}

TEST_CASE("console files: each coding has its bytes, its tag and its field") {
  const http::Reply brotli = answer_of("/console/assets/a-1.js", "br");
  CHECK(body_of(brotli) == "brotli");
  CHECK(field_of(brotli, "Content-Encoding") == "br");
  CHECK(field_of(brotli, "ETag") == "\"tagA-br\"");
  const http::Reply gzip = answer_of("/console/assets/a-1.js", "gzip");
  CHECK(body_of(gzip) == kGzip);
  CHECK(field_of(gzip, "ETag") == "\"tagA-gzip\"");
  const http::Reply whole = answer_of("/console/assets/a-1.js", "");
  CHECK(body_of(whole) == kScript);
  CHECK(field_of(whole, "Content-Encoding").empty());
  CHECK(field_of(whole, "ETag") == "\"tagA\"");
  for (const http::Reply* one : {&brotli, &gzip, &whole}) {
    CHECK(one->status == 200);
    CHECK(field_of(*one, "Vary") == "Accept-Encoding");
    CHECK(field_of(*one, "Content-Type") == "text/javascript; charset=utf-8");
    CHECK(field_of(*one, "Cache-Control") == "public, max-age=31536000, immutable");
  }
}

TEST_CASE("console files: what is compressed already goes as it is, and is asked for again") {
  const http::Reply picture = answer_of("/console/icon.png", "br, gzip");
  CHECK(body_of(picture) == "picture");
  CHECK(field_of(picture, "Content-Encoding").empty());
  CHECK(field_of(picture, "Vary").empty());
  CHECK(field_of(picture, "Cache-Control") == "no-cache");
}

TEST_CASE("console files: a client that has the same bytes gets no body") {
  for (const char* tags : {"\"tagA-br\"", "\"other\", W/\"tagA-br\"", "*"}) {
    const http::Reply reply = answer_of("/console/assets/a-1.js", "br", tags);
    CHECK(reply.status == 304);
    CHECK(body_of(reply).empty());
    CHECK(field_of(reply, "ETag") == "\"tagA-br\"");
    CHECK(field_of(reply, "Cache-Control") == "public, max-age=31536000, immutable");
  }
  for (const char* tags : {"\"tagA\"", "\"tagA-gzip\"", "tagA-br", "\"\""}) {
    CHECK(answer_of("/console/assets/a-1.js", "br", tags).status == 200);
  }
}

TEST_CASE("console files: a block that does not unpack is an error, never half a file") {
  std::string damaged = kBlock;
  damaged[12] ^= 0x55;
  const WebFiles files(kFiles, as_bytes(damaged));
  const http::RequestHead head{.method = "GET", .target = "/"};
  CHECK(files.answer(kFiles[0], head).has_error());
}

TEST_CASE("console files: an unknown path is none, and every built-in path is found") {
  for (const char* path : {"", "/", "/console/", "/console/assets/a-1.j", "/console/assets/a-1.jsx",
                           "/console/../icon.png", "/console/Icon.png"}) {
    CHECK(kAll.find(path) == nullptr);
  }
  const WebFile* style = console_web_files().find("/console/door.css");
  REQUIRE(style != nullptr);
  const http::RequestHead head{.method = "GET", .target = "/console/door.css"};
  const std::string text = body_of(must(console_web_files().answer(*style, head)));
  CHECK(text.size() == style->whole_bytes);
  CHECK(text.find("prefers-color-scheme: dark") != std::string::npos);
}
