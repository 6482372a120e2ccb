// Bounded readers, canonical JSON, times, names, durable files, secrets, the bounded queue.
#include <sys/stat.h>

#include <random>
#include <thread>

#include "core/crypto.hpp"
#include "core/file/file.hpp"
#include "core/format/json.hpp"
#include "core/ids.hpp"
#include "core/text.hpp"
#include "core/thread/bounded_queue.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using test::code_of;
using test::must;
using test::TempDir;

TEST_CASE(
    "error: every code has its own name, an exit code of the contract and advice in both "
    "languages") {
  for (int i = 0; i <= static_cast<int>(ErrorCode::kFork); ++i) {
    const auto code = static_cast<ErrorCode>(i);
    CHECK(error_code_named(name_of(code)) == code);
    CHECK(exit_code_of(code) >= 1);
    CHECK(exit_code_of(code) <= 8);
    CHECK_FALSE(advice_for(code).en.empty());
    CHECK_FALSE(advice_for(code).zh.empty());
  }
}

TEST_CASE("bytes: numbers read back as written, and a truncated one is an error") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = test::seeded(seed);
  CAPTURE(seed);
  for (int round = 0; round < 500; ++round) {
    const std::uint64_t number = random() >> (random() % 64);
    const auto signed_number = static_cast<std::int64_t>(random());
    ByteWriter writer;
    writer.varint(number);
    writer.zigzag(signed_number);
    writer.u32(static_cast<std::uint32_t>(number));
    writer.u64(number);
    writer.sized(as_bytes("text"));
    const Bytes bytes = writer.take();
    ByteReader reader(bytes, "test");
    CHECK(must(reader.varint()) == number);
    CHECK(must(reader.zigzag()) == signed_number);
    CHECK(must(reader.u32()) == static_cast<std::uint32_t>(number));
    CHECK(must(reader.u64()) == number);
    CHECK(as_text(must(reader.sized(4))) == "text");
    must(reader.expect_end());
    CHECK(code_of(reader.u8()) == ErrorCode::kUntrusted);
  }
}

TEST_CASE("bytes: a varint in a longer form than needed, or above 64 bits, is refused") {
  const Bytes padded = {0x81, 0x00};
  CHECK(code_of(ByteReader(padded, "test").varint()) == ErrorCode::kUntrusted);
  const Bytes wide(10, 0xFF);
  CHECK(code_of(ByteReader(wide, "test").varint()) == ErrorCode::kUntrusted);
  const Bytes claims = {0xFF, 0x7F, 'a'};
  CHECK(code_of(ByteReader(claims, "test").sized(1 << 20)) == ErrorCode::kUntrusted);
}

TEST_CASE("bytes: hex and base64 are strict") {
  CHECK(to_hex(must(from_hex("00ff10"))) == "00ff10");
  CHECK(from_hex("0").has_error());
  CHECK(from_hex("zz").has_error());
  CHECK(as_text(must(from_base64(to_base64(as_bytes("any carnal pleas"))))) == "any carnal pleas");
  CHECK(from_base64("a===").has_error());
  CHECK(from_base64("YQ").has_error());
}

TEST_CASE("crypto: a signature for one domain is not valid for another") {
  const SigningKey key = SigningKey::generate();
  const Signature signature = sign(key, "one", as_bytes("message"));
  CHECK(verify(key.public_key, "one", as_bytes("message"), signature));
  CHECK_FALSE(verify(key.public_key, "two", as_bytes("message"), signature));
  CHECK_FALSE(verify(key.public_key, "one", as_bytes("messagf"), signature));
  CHECK(SigningKey::from_seed(key.seed()).public_key == key.public_key);
}

TEST_CASE("crypto: only the recipient opens a sealed box, and no bit of it may change") {
  const SealingKey recipient = SealingKey::generate();
  Bytes sealed = seal(recipient.public_key, as_bytes("hello"));
  CHECK(as_text(must(open_sealed(recipient, sealed))) == "hello");
  CHECK(code_of(open_sealed(SealingKey::generate(), sealed)) == ErrorCode::kUntrusted);
  sealed[sealed.size() / 2] ^= 1;
  CHECK(code_of(open_sealed(recipient, sealed)) == ErrorCode::kUntrusted);
  const SymmetricKey key = SymmetricKey::random();
  const Bytes box = wrap(key, "root key", as_bytes("seed"));
  CHECK(as_text(must(unwrap(key, "root key", box))) == "seed");
  CHECK(code_of(unwrap(key, "other", box)) == ErrorCode::kUntrusted);
}

TEST_CASE(
    "json: canonical form sorts keys, escapes quotes and backslashes only, and rejects fractions") {
  const json::value value =
      must(parse_json("{\"b\": [1, true, null], \"a\": \"\\u738b\\n\\\"\"}", "t"));
  CHECK(must(canonical_json(value)) == "{\"a\":\"王\n\\\"\",\"b\":[1,true,null]}");
  CHECK(canonical_json(must(parse_json("1.5", "t"))).has_error());
}

TEST_CASE("json: broken, trailing and too deep documents are refused with their line") {
  CHECK(parse_json("{\"a\":1", "file.json").has_error());
  CHECK(parse_json("{} {}", "file.json").has_error());
  CHECK(parse_json("", "file.json").has_error());
  CHECK(parse_json(std::string(100, '[') + std::string(100, ']'), "file.json").has_error());
  const Result<json::value> second = parse_json("{\n \"a\": nope}", "file.json");
  REQUIRE(second.has_error());
  CHECK(second.error().message.find("file.json: line 2") == 0);
}

TEST_CASE("json: errors of an object name the missing, mistyped or unknown key") {
  const json::value value = must(parse_json("{\"n\": 5, \"inner\": {\"t\": 1}, \"more\": 0}", "f"));
  JsonObject object = must(JsonObject::from(value, "f"));
  CHECK(must(object.integer("n", 0, 9)) == 5);
  CHECK(object.integer("n", 6, 9).error().field == "n");
  CHECK(object.text("absent").error().message == "f: absent is missing");
  JsonObject inner = must(object.object("inner"));
  CHECK(inner.text("t").error().field == "inner.t");
  CHECK(object.finish().error().field == "more");
}

TEST_CASE("time: the printed form parses back; dates that do not exist are refused") {
  const UnixTime time{std::chrono::seconds(1'795'000'123)};
  CHECK(must(parse_time(format_time(time))) == time);
  CHECK(format_time(UnixTime{}) == "1970-01-01T00:00:00Z");
  CHECK(parse_time("2026-02-30T00:00:00Z").has_error());
  CHECK(parse_time("2026-01-01 00:00:00Z").has_value() == false);
  CHECK(parse_time("2026-01-01T24:00:00Z").has_error());
}

TEST_CASE("ids: names cannot climb out of their folder, divisions nest by prefix") {
  CHECK(StreamName::parse("../x/all").has_error());
  CHECK(StreamName::parse("villages/33a4").has_error());
  CHECK(must(StreamName::parse("villages/3304")).text() == "villages/3304");
  CHECK(division_covers("33", "3304"));
  CHECK(division_covers("all", "33"));
  CHECK(division_covers("all", "all"));
  CHECK_FALSE(division_covers("3304", "33"));
  CHECK_FALSE(division_covers("33", "all"));
}

TEST_CASE("text: UTF-8 is checked, and Chinese takes two columns") {
  CHECK(is_utf8("王小明 abc"));
  CHECK_FALSE(is_utf8("\xC0\x80"));
  CHECK_FALSE(is_utf8("\xED\xA0\x80"));
  CHECK_FALSE(is_utf8("\xE7\x8E"));
  CHECK(display_width("王a") == 3);
  CHECK(fit_to_width("王小明", 5) == "王小…");
  CHECK(fit_to_width("王", 4) == "王  ");
}

TEST_CASE("text: of all sequences of three bytes, only shortest forms are UTF-8") {
  std::string three(3, ' ');
  std::size_t wrong = 0;
  for (std::uint32_t bytes = 0xE00000; bytes < 0xF00000; ++bytes) {
    for (int i = 0; i < 3; ++i)
      three[static_cast<std::size_t>(i)] = static_cast<char>(bytes >> (16 - 8 * i));
    const std::uint32_t value = (bytes >> 4 & 0xF000) | (bytes >> 2 & 0xFC0) | (bytes & 0x3F);
    const bool is_shaped = (bytes & 0xC0C0) == 0x8080;
    const bool is_right = is_shaped && value >= 0x800 && (value < 0xD800 || value > 0xDFFF);
    wrong += is_utf8(three) == is_right && is_utf8("a" + three + "b") == is_right ? 0 : 1;
  }
  CHECK(wrong == 0);
}

TEST_CASE("file: a write is complete and private if asked; reading is bounded") {
  const TempDir folder;
  must(write_file_atomically(folder / "a", as_bytes("one"), FileMode::kPrivate));
  must(write_file_atomically(folder / "a", as_bytes("two"), FileMode::kPrivate));
  CHECK(must(read_text_file(folder / "a", 3)) == "two");
  CHECK(code_of(read_file(folder / "a", 2)) == ErrorCode::kBadInput);
  CHECK(code_of(read_file(folder / "none", 2)) == ErrorCode::kStorage);
  struct stat info {};
  REQUIRE(::stat((folder / "a").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  CHECK_FALSE(fs::exists(folder / "a.new"));
}

TEST_CASE("file: a lock has one holder and ends with it") {
  const TempDir folder;
  {
    const FileLock lock = must(FileLock::acquire(folder / "lock"));
    CHECK(code_of(FileLock::acquire(folder / "lock")) == ErrorCode::kBusy);
  }
  must(FileLock::acquire(folder / "lock"));
}

TEST_CASE("secret: a moved-from key is empty, and keys compare by content") {
  SymmetricKey key = SymmetricKey::random();
  const SymmetricKey copy = key.clone();
  const SymmetricKey taken = std::move(key);
  CHECK(taken == copy);
  CHECK(key == SymmetricKey());  // NOLINT(bugprone-use-after-move): that it is empty is the promise
  CHECK(SymmetricKey::from(as_bytes("short")).has_error());
}

TEST_CASE("queue: an item without weight never waits, a too heavy one waits until it is alone") {
  BoundedQueue<int> queue(4);
  CHECK(queue.put(1, 10));  // too heavy, but alone
  CHECK(queue.put(2, 0));   // would block for ever if it had to wait
  std::thread giver([&] {
    CHECK(queue.put(3, 1));
    queue.end();
  });
  for (const int expected : {1, 2, 3}) {
    const std::optional<int> taken = queue.take();
    CHECK(taken == expected);
  }
  CHECK_FALSE(queue.take().has_value());
  giver.join();
  queue.refuse();
  CHECK_FALSE(queue.put(4));
}
