// Where files of the repository come from: a server, a courier's folder, or a test that lies,
// stalls or cuts. Nothing from here is trusted; the caller states every length.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "sync/pack/news.hpp"
#include "sync/trust/client/tuf_fetcher.hpp"
#include "sync/wire/client/http.hpp"

namespace rootlet {

struct FileRequest {
  std::string path;  // in the repository, without "." or ".." segments: "packs/ab/ab12….pack"
  std::uint64_t from = 0;  // the bytes wanted: [from, to)
  std::uint64_t to = 0;
  std::uint64_t file_bytes = 0;  // the whole file; longer answers are rejected
  std::string if_none_match = {};
  // The offset of the first byte of the answer: `from`, or 0 if the source has no ranges.
  std::function<Status(std::uint64_t offset)> on_start = {};
  std::function<Status(ByteView)> on_data = {};
};

struct FileReply {
  FetchState state = FetchState::kNotFound;
  std::string etag = {};
};

class FileSource {
 public:
  virtual ~FileSource() = default;
  // kUnreachable for no answer, a cut, or a server that asks the client to retry later.
  virtual Result<FileReply> get(const FileRequest& request) = 0;
  virtual Traffic traffic() const = 0;
  // False if it is pointless to ask at once for the rest of a file that broke off.
  virtual bool may_resume() const { return true; }
};

// Over HTTP or from a folder: `base` is a URL as repository_url() returns it. `client` must outlive
// this.
class HttpFileSource final : public FileSource {
 public:
  HttpFileSource(HttpTransport& client, std::string base)
      : client_(&client), base_(std::move(base)) {}
  Result<FileReply> get(const FileRequest& request) override;
  Traffic traffic() const override { return client_->traffic(); }

 private:
  HttpTransport* client_;
  std::string base_;
};

// The repository as a TUF client sees it: metadata below "metadata/", targets at the top. Takes
// what it can from the news, which is one request; a repository without news is read file by file.
// Keeps the ETag of the news, or of the timestamp, for the next poll.
class RepositoryFetcher final : public TufFetcher {
 public:
  // `news`: path of the news file. `etag`: of the file that brought the stored timestamp, or empty.
  RepositoryFetcher(FileSource& source, std::string news, std::string etag)
      : source_(&source), news_path_(std::move(news)), etag_(std::move(etag)) {}

  Result<TufFetched> fetch_metadata(std::string_view name, std::size_t max_bytes) override;
  Result<TufFetched> fetch_timestamp_if_changed(std::size_t max_bytes) override;
  Result<FetchState> fetch_target(std::string_view address, std::uint64_t max_bytes,
                                  const ByteSink& sink) override;
  // Of the file that brought the last timestamp; before that, the constructor's.
  const std::string& timestamp_etag() const { return etag_; }
  // A file that came with the news, untrusted; null if it did not.
  const Bytes* from_news(std::string_view name) const;

 private:
  Result<TufFetched> fetch(std::string_view name, std::size_t max_bytes,
                           const std::string& if_none_match);
  // Fetches the news once. kNotFound if the repository has none.
  Result<FetchState> fetch_news(const std::string& if_none_match);
  // Whether the news says that there is no such root: it came from the same server.
  bool is_root_beyond_news(std::string_view name) const;

  FileSource* source_;
  std::string news_path_;
  std::string etag_;
  bool has_asked_ = false;  // for the news
  std::optional<News> news_;
};

}  // namespace rootlet
