// Reads, changes and writes each file of the news.
#include "platform/online/news_files.hpp"

#include "core/limits.hpp"
#include "core/log.hpp"
#include "platform/online/file_batch.hpp"
#include "sync/pack/news.hpp"
#include "sync/trust/metadata/tuf_signer.hpp"

namespace rootlet::platform {

Status renew_news(ServingHome& home, const fs::path& repository) {
  ROOTLET_TRY(const std::vector<RoleMetadata> entries, home.metadata().all());
  FileBatch batch(repository);
  std::error_code code;
  for (fs::directory_iterator at(repository / "news", code), end; !code && at != end;
       at.increment(code)) {
    if (!at->is_regular_file(code)) continue;
    const Result<Bytes> file = read_file(at->path(), limits::kNewsBytes);
    Result<News> news = file.has_value() ? parse_news(file.value()) : file.error();
    if (news.has_error()) {
      log_warning("news: " + at->path().filename().string() + ": " + news.error().message);
      continue;
    }
    for (const auto& [role, entry] : entries) {
      std::erase_if(news.value().files, [&](const auto& held) {
        return held.first == role + ".json" || held.first.ends_with("." + role + ".json");
      });
      ROOTLET_TRY(const std::string name, published_file_name(role, entry.version));
      news.value().files[name] = entry.file;
    }
    ROOTLET_TRY(const Bytes bytes, encode_news(news.value()));
    ROOTLET_TRY(batch.write("news/" + at->path().filename().string(), bytes));
  }
  return batch.finish();
}

}  // namespace rootlet::platform
