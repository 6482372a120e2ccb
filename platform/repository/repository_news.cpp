// The news (docs/FORMATS.md, "News"): for each node of up to 4 digits the newest metadata and the
// nodes from the root to it. Copies only, written after what they copy.
#include <future>
#include <map>
#include <set>

#include "core/thread/parallel.hpp"
#include "platform/online/file_batch.hpp"
#include "platform/repository/repository.hpp"
#include "sync/pack/news.hpp"
#include "sync/pack/table/directory.hpp"
#include "sync/trust/metadata/tuf_signer.hpp"

namespace rootlet::platform {
namespace {

constexpr std::string_view kDirectoryRole = "directory";

Result<News> news_of_metadata(Realm& realm) {
  Registry& registry = realm.registry();
  News news;
  ROOTLET_TRY(const auto root, registry.newest_metadata(kTufRoot));
  if (root.has_value()) news.root_version = root->version;
  for (const std::string_view role : {kTufTimestamp, kTufSnapshot, kDirectoryRole}) {
    MetadataTable table = role == kDirectoryRole ? registry.metadata() : realm.serving().metadata();
    ROOTLET_TRY(const auto entry, table.newest(role));
    if (!entry.has_value()) continue;
    ROOTLET_TRY(const std::string name, published_file_name(role, entry->version));
    news.files[name] = entry->file;
  }
  return news;
}

using NodePacks = std::map<std::string, Bytes>;  // by division

Result<Bytes> news_for(const std::string& division, News news, const NodePacks& packs) {
  for (const std::string& node : path_of(division)) {
    const auto pack = packs.find(node);
    if (pack != packs.end()) news.files[node_stream(node).text()] = pack->second;
  }
  return encode_news(news);
}

Status remove_others(const fs::path& folder, const std::set<std::string>& known) {
  std::error_code code;
  for (fs::directory_iterator at(folder, code), end; !code && at != end; at.increment(code)) {
    if (known.contains(at->path().filename().string())) continue;
    ROOTLET_TRY(remove_file(at->path()));
  }
  return ok();
}

}  // namespace

Result<std::vector<NewsFile>> make_news(Realm& realm) {
  ROOTLET_TRY(const News common, news_of_metadata(realm));
  ROOTLET_TRY(std::vector<DirectoryTables::NodePack> nodes, realm.registry().tree().node_packs());
  NodePacks packs;
  for (DirectoryTables::NodePack& node : nodes) packs[node.division] = std::move(node.pack);
  std::vector<Result<Bytes>> made(nodes.size(), fail(ErrorCode::kInternal, "not made"));
  const auto make_each_second = [&](std::size_t first) {
    for (std::size_t i = first; i < nodes.size(); i += 2) {
      made[i] = news_for(nodes[i].division, common, packs);
    }
    return true;
  };
  std::future<bool> others;
  if (nodes.size() > 1) others = run_parallel([&] { return make_each_second(1); });
  make_each_second(0);
  if (others.valid()) others.get();
  std::vector<NewsFile> files;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    ROOTLET_TRY(Bytes bytes, std::move(made[i]));
    files.push_back({.path = news_path(nodes[i].division), .bytes = std::move(bytes)});
  }
  return files;
}

Status write_news(Realm& realm) {
  ROOTLET_TRY(const std::vector<NewsFile> files, make_news(realm));
  FileBatch batch(realm.folder().repository());
  std::set<std::string> known;
  for (const NewsFile& file : files) {
    known.insert(fs::path(file.path).filename().string());
    ROOTLET_TRY(batch.write(file.path, file.bytes));
  }
  ROOTLET_TRY(batch.finish());
  return remove_others(realm.folder().repository() / "news", known);
}

}  // namespace rootlet::platform
