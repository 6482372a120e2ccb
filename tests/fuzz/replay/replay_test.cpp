// Replays tests/corpus through every fuzz harness: each file as it is, and changed at random by a
// seed that is printed. A harness aborts when something is wrong, so that returning is passing.
// ROOTLET_LONG=1 tries a thousand times as many changes.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "core/file/file.hpp"
#include "core/limits.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using Harness = int (*)(const std::uint8_t*, std::size_t);

extern "C" {
int fuzz_batch(const std::uint8_t* data, std::size_t size);
int fuzz_envelope(const std::uint8_t* data, std::size_t size);
int fuzz_gateway(const std::uint8_t* data, std::size_t size);
int fuzz_local_api(const std::uint8_t* data, std::size_t size);
int fuzz_local_socket(const std::uint8_t* data, std::size_t size);
int fuzz_news(const std::uint8_t* data, std::size_t size);
int fuzz_pack(const std::uint8_t* data, std::size_t size);
int fuzz_replication(const std::uint8_t* data, std::size_t size);
int fuzz_root_draft(const std::uint8_t* data, std::size_t size);
int fuzz_sheet(const std::uint8_t* data, std::size_t size);
int fuzz_source(const std::uint8_t* data, std::size_t size);
int fuzz_tuf_metadata(const std::uint8_t* data, std::size_t size);
int fuzz_witness(const std::uint8_t* data, std::size_t size);
}

namespace {

constexpr std::size_t kSeedBytes = 64 * limits::kKiB;

std::vector<Bytes> corpus_of(const std::string& name) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(CORPUS + name)) paths.push_back(entry.path());
  std::ranges::sort(paths);  // the same order everywhere, so that a seed means the same
  std::vector<Bytes> corpus;
  for (const fs::path& path : paths) corpus.push_back(test::must(read_file(path, kSeedBytes)));
  return corpus;
}

void replay(Harness harness, const Bytes& input) {
  CHECK(harness(input.data(), input.size()) == 0);
}

// Flips, cuts, repeats, or joins with another input.
Bytes changed(Bytes input, const std::vector<Bytes>& corpus, std::mt19937_64& random) {
  const auto below = [&](std::size_t end) { return static_cast<std::size_t>(random() % end); };
  for (std::size_t changes = 1 + below(4); changes > 0 && !input.empty(); --changes) {
    const std::size_t at = below(input.size());
    const auto from = input.begin() + static_cast<std::ptrdiff_t>(at);
    switch (random() % 5) {
      case 0:
        input[at] ^= static_cast<std::uint8_t>(1U << below(8));
        break;
      case 1:
        input[at] = static_cast<std::uint8_t>(random());
        break;
      case 2:
        input.erase(from, input.end() - static_cast<std::ptrdiff_t>(below(input.size() - at)));
        break;
      case 3: {
        const Bytes piece(
            from, from + static_cast<std::ptrdiff_t>(std::min<std::size_t>(input.size() - at, 32)));
        input.insert(input.end(), piece.begin(), piece.end());
        break;
      }
      default: {
        const Bytes& other = corpus[below(corpus.size())];
        input.erase(from, input.end());
        input.insert(input.end(), other.begin() + static_cast<std::ptrdiff_t>(other.size() / 2),
                     other.end());
      }
    }
  }
  return input;
}

// `changes` in the usual test run, over all files together.
void replay_corpus(const std::string& name, Harness harness, std::size_t changes) {
  const std::vector<Bytes> corpus = corpus_of(name);
  REQUIRE(corpus.size() >= 5);
  replay(harness, {});
  for (const Bytes& input : corpus) replay(harness, input);
  if (std::getenv("ROOTLET_LONG") != nullptr) changes *= 1000;
  std::uint64_t seed = 0;
  std::mt19937_64 random = test::seeded(seed);
  MESSAGE("ROOTLET_SEED=", seed);
  for (; changes > 0; --changes) {
    replay(harness, changed(corpus[random() % corpus.size()], corpus, random));
  }
}

}  // namespace

TEST_CASE("fuzz: batches, forms, patterns and mail pages") {
  replay_corpus("batch", fuzz_batch, 2'000);
}
TEST_CASE("fuzz: envelopes, statements and grants") {
  replay_corpus("envelope", fuzz_envelope, 1'000);
}
TEST_CASE("fuzz: every route of the gateway") {
  replay_corpus("gateway", fuzz_gateway, 300);
}
TEST_CASE("fuzz: every route of the local API") {
  replay_corpus("local_api", fuzz_local_api, 200);
}
TEST_CASE("fuzz: every command of the local socket") {
  replay_corpus("local_socket", fuzz_local_socket, 100);
}
TEST_CASE("fuzz: news and rows of the directory") {
  replay_corpus("news", fuzz_news, 1'000);
}
TEST_CASE("fuzz: packs") {
  replay_corpus("pack", fuzz_pack, 300);
}
TEST_CASE("fuzz: changes out of PostgreSQL's log") {
  replay_corpus("replication", fuzz_replication, 1'000);
}
TEST_CASE("fuzz: drafts of a root") {
  replay_corpus("root_draft", fuzz_root_draft, 500);
}
TEST_CASE("fuzz: lines of JSON and control totals") {
  replay_corpus("source", fuzz_source, 300);
}
TEST_CASE("fuzz: workbooks and CSV that a person hands over") {
  replay_corpus("sheet", fuzz_sheet, 2'000);
}
TEST_CASE("fuzz: TUF metadata") {
  replay_corpus("tuf_metadata", fuzz_tuf_metadata, 2'000);
}
TEST_CASE("fuzz: checkpoints, sightings and what else is compared with a witness") {
  replay_corpus("witness", fuzz_witness, 2'000);
}
