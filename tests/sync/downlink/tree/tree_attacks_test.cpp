// Attacks on a node in the middle of the directory's tree, each named after the attack. The mirror
// may serve any bytes that it ever saw, and bytes that it made itself; it has no key of the realm
// but those that every office holds. What the office held before stays whole, and it says what is
// wrong.
#include "tests/sync/downlink/fixture_world.hpp"

using namespace rootlet;
using namespace rootlet::test;

namespace {

const StreamName kMiddle = node_stream("330402");  // below the news, so it is fetched on its own

// A world in which the office is granted a division deep in the tree, and is synced.
struct Tree : World {
  Tree() {
    realm.put_rows("330402", random_rows(random, 12));
    realm.permit({realm.grant({"330402"})});
    realm.publish();
    synced();
    before = office.nodes();
    first = realm.node(kMiddle);
  }
  // News in the office's division, so that every node on its path changes.
  void publish_next() {
    change("330402");
    realm.publish();
  }
  void check_refused(ErrorCode code) {
    const SyncReport report = office.sync();
    REQUIRE(report.error.has_value());
    CHECK(report.error->code == code);
    CHECK(office.nodes() == before);  // never half a view
    CHECK(office.versions().at("330402") == 1);
  }
  void check_heals() {
    realm.source.instead.clear();
    realm.source.missing.clear();
    synced();
    CHECK(office.nodes() != before);
    CHECK(office.versions().at("330402") == 2);
  }

  std::map<std::string, Version> before;
  SignedNode first;  // the middle node as it was
};

std::vector<std::string> asked_beside_metadata(const Tree& tree) {
  std::vector<std::string> asked = tree.realm.source.asked;
  std::erase_if(asked, [](const std::string& path) { return path.starts_with("metadata/"); });
  return asked;
}

}  // namespace

TEST_CASE("tree: an old version of a middle node is refused") {
  Tree tree;
  tree.publish_next();
  tree.realm.serve_instead(kMiddle, tree.first.pack);
  tree.check_refused(ErrorCode::kUntrusted);
  tree.check_heals();
}

TEST_CASE("tree: the node of another branch is refused") {
  Tree tree;
  tree.publish_next();
  tree.realm.serve_instead(kMiddle, tree.realm.node(node_stream("330411")).pack);
  tree.check_refused(ErrorCode::kUntrusted);
  tree.realm.serve_instead(kMiddle, tree.realm.node(node_stream("3304")).pack);
  tree.check_refused(ErrorCode::kUntrusted);
  tree.check_heals();
}

TEST_CASE("tree: swapped children are refused, each under its own name and under the other's") {
  Tree tree;
  tree.publish_next();
  const SignedNode mine = tree.realm.node(kMiddle);
  const SignedNode other = tree.realm.node(node_stream("330411"));
  tree.realm.serve_instead(kMiddle, other.pack);
  tree.realm.serve_instead(node_stream("330411"), mine.pack);
  tree.check_refused(ErrorCode::kUntrusted);
  // The mirror renames the child and signs it with a key of its own.
  const SigningKey own = SigningKey::generate();
  tree.realm.source.instead.clear();
  tree.realm.serve_instead(kMiddle, tree.realm.node_pack(kMiddle, mine.version, other.rows, own));
  tree.check_refused(ErrorCode::kUntrusted);
  tree.check_heals();
}

TEST_CASE("tree: a truncated subtree is not taken for a smaller one") {
  Tree tree;
  tree.publish_next();
  Bytes cut = tree.realm.node(kMiddle).pack;
  cut.resize(cut.size() / 2);
  tree.realm.serve_exactly(kMiddle, cut);
  tree.check_refused(ErrorCode::kUnreachable);  // cut short: it may arrive whole next time
  // A shorter list of children under the right version, signed by nobody.
  Rows fewer = tree.realm.node(kMiddle).rows;
  fewer.pop_back();
  tree.realm.serve_instead(kMiddle, tree.realm.node_pack(kMiddle, tree.realm.node(kMiddle).version,
                                                         fewer, SigningKey::generate()));
  tree.check_refused(ErrorCode::kUntrusted);
  tree.check_heals();
}

// Every reader of a node knows the key of its digest, so rows with an equal sum could be searched
// for. They would help nobody: the digest proves nothing without the signature over it.
TEST_CASE("tree: rows of the right digest without the directory's signature are refused") {
  Tree tree;
  tree.publish_next();
  const SignedNode next = tree.realm.node(kMiddle);
  tree.realm.serve_instead(
      kMiddle, tree.realm.node_pack(kMiddle, next.version, next.rows, SigningKey::generate()));
  tree.check_refused(ErrorCode::kUntrusted);
  for (const SigningKey* other :
       {&tree.realm.publisher, &tree.realm.grants, &tree.realm.targets, &tree.realm.timestamp}) {
    tree.realm.serve_instead(kMiddle,
                             tree.realm.node_pack(kMiddle, next.version, next.rows, *other));
    tree.check_refused(ErrorCode::kUntrusted);
  }
  tree.check_heals();
}

TEST_CASE("tree: every flipped byte of a middle node is refused") {
  Tree tree;
  tree.publish_next();
  const Bytes right = tree.realm.node(kMiddle).pack;
  for (std::size_t byte = 0; byte < right.size(); byte += 7) {
    CAPTURE(byte);
    Bytes wrong = right;
    wrong[byte] ^= 8;
    tree.realm.serve_instead(kMiddle, wrong);
    tree.check_refused(ErrorCode::kUntrusted);
  }
  tree.check_heals();
}

TEST_CASE("tree: a parent that names a child which is not there yet waits and says so") {
  Tree tree;
  tree.publish_next();
  const std::string path = nodes_path("330402", tree.realm.node(kMiddle).file);
  tree.realm.source.missing.insert(path);
  const SyncReport report = tree.office.sync();
  REQUIRE(report.error.has_value());
  CHECK(report.error->code == ErrorCode::kUnreachable);
  const std::string missing =
      "version " + std::to_string(tree.realm.node(kMiddle).version) + " of directory/330402";
  CHECK(report.error->message.find(missing) != std::string::npos);
  CHECK(tree.office.nodes() == tree.before);
  // Nothing new is published meanwhile: the next sync still finds its way.
  tree.check_heals();
}

TEST_CASE("tree: news with nodes of another time are checked like files of another time") {
  Tree tree;
  const Bytes old_news = tree.realm.source.files.at(news_path(kDivision));
  tree.publish_next();
  const Bytes new_news = tree.realm.source.files.at(news_path(kDivision));
  // The old nodes beside the new metadata: the office fetches the right ones.
  News mixed = must(parse_news(new_news));
  const News old = must(parse_news(old_news));
  for (const char* division : {"all", "33", "3304"}) {
    const std::string name = node_stream(division).text();
    mixed.files[name] = old.files.at(name);
  }
  tree.realm.source.files[news_path(kDivision)] = must(encode_news(mixed));
  tree.synced();
  CHECK(tree.office.versions().at("330402") == 2);
  // Old news altogether bring nothing and break nothing.
  const std::map<std::string, Version> held = tree.office.nodes();
  tree.realm.source.files[news_path(kDivision)] = old_news;
  CHECK(tree.office.sync().error->code == ErrorCode::kUntrusted);
  CHECK(tree.office.nodes() == held);
}

TEST_CASE("tree: a repository without news is read file by file, with the same outcome") {
  Tree tree;
  tree.realm.has_news = false;
  tree.publish_next();
  tree.synced();
  CHECK(tree.office.versions().at("330402") == 2);
  TestOffice other(tree.realm, tree.clock, tree.folder / "other");
  CHECK_FALSE(other.sync().error.has_value());
  CHECK(other.nodes() == tree.office.nodes());
}

TEST_CASE("tree: endless and broken news are refused") {
  Tree tree;
  tree.publish_next();
  Bytes& news = tree.realm.source.files[news_path(kDivision)];
  const Bytes right = news;
  news = Bytes(limits::kNewsBytes + 1, 'x');
  tree.check_refused(ErrorCode::kUntrusted);
  for (const std::size_t size : {0UL, 3UL, 4UL, 20UL, right.size() - 1}) {
    news = right;
    news.resize(size);
    tree.check_refused(ErrorCode::kUntrusted);
  }
  news = right;
  tree.check_heals();
}

TEST_CASE(
    "tree: a realm with two histories is a fork: the office says so and takes the newer one") {
  Tree tree;
  // The realm is restored from a copy and publishes again: other rows under the version held.
  RealmStream& stream = tree.realm.stream("330402");
  stream.data.version = 0;
  stream.packs.clear();
  tree.realm.put_rows("330402", random_rows(tree.random, 9));
  tree.realm.publish();
  const SyncReport report = tree.synced();
  REQUIRE(report.forks.size() == 1);
  CHECK(report.forks.front().stream.text() == "roster/330402");
  CHECK(report.forks.front().version == 1);
  DatasetReader reader = must(DatasetReader::open(tree.office.dataset_file("roster"),
                                                  must(SymmetricKey::from(Bytes(32, 9)))));
  CHECK(must(reader.streams()).front().rows == 9);
}

TEST_CASE("tree: only nodes on the office's own way are fetched, and unchanged ones not again") {
  Tree tree;
  tree.publish_next();
  tree.realm.source.forget();
  tree.synced();
  CHECK(asked_beside_metadata(tree).size() == 3);  // news, the middle node, the pack
  tree.change("3305");
  tree.realm.publish();
  tree.realm.source.forget();
  tree.synced();
  CHECK(asked_beside_metadata(tree) == std::vector<std::string>{news_path(kDivision)});
  for (const auto& [stream, version] : tree.office.nodes()) {
    CHECK(stream.find("330411") == std::string::npos);
    CHECK(stream.find("3305") == std::string::npos);
  }
}
