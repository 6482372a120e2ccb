// Percent-encoding: RFC 3986, section 2.
#include "core/format/percent.hpp"

#include <doctest/doctest.h>

using namespace rootlet;

TEST_CASE("percent: unreserved characters and those to keep stay, other bytes are encoded") {
  CHECK(percent_encode("aZ09-._~") == "aZ09-._~");
  CHECK(percent_encode("a/b c%") == "a%2Fb%20c%25");
  CHECK(percent_encode("a/b c%", "/") == "a/b%20c%25");
  CHECK(percent_encode("村") == "%E6%9D%91");
  CHECK(percent_encode(std::string_view("\0\xff", 2)) == "%00%FF");
}

TEST_CASE("percent: decoding takes digits of either case and leaves other characters alone") {
  CHECK(percent_decode("%e6%9D%91+a") == "村+a");
  CHECK(percent_decode("%2525") == "%25");
  CHECK(percent_decode("") == "");
  CHECK(percent_decode("%00") == std::string(1, '\0'));
}

TEST_CASE("percent: an escape that is cut or has no hexadecimal digits is an error") {
  for (const char* wrong : {"%", "%0", "a%", "a%4", "%zz", "%4g", "%-1", "%+1", "% 1", "%%41"}) {
    CAPTURE(wrong);
    CHECK_FALSE(percent_decode(wrong).has_value());
  }
}

TEST_CASE("percent: every byte survives encoding and decoding") {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all.push_back(static_cast<char>(byte));
  CHECK(percent_decode(percent_encode(all)) == all);
  CHECK(percent_decode(percent_encode(all, "/ \xff")) == all);
}
